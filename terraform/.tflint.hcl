# The rules of the language alone: those of the clouds are plugins that are fetched from
# elsewhere. Names, lengths and enumerations are held by validations and by terraform test.
plugin "terraform" {
  enabled = true
  preset  = "all"
}

# Files here have one subject each, and are named after it.
rule "terraform_standard_module_structure" {
  enabled = false
}
