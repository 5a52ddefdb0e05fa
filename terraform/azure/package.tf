# How a changed archive is seen, and only a changed one.

locals {
  uploads = var.deploy == "storage"

  # Flex Consumption starts a package by this name alone.
  package = "released-package.zip"

  # For deploy = zip: the provider posts the archive when its path changes, not when the file
  # does. So the path has the beginning of the archive's hash in it, written in what means
  # nothing to a file system: a 1 is //, a 0 is /./ between folder and file.
  archive_bits = local.archive_hash == "" ? "" : format("%040b", parseint(substr(local.archive_hash, 0, 10), 16))
  zip_path     = "${dirname(local.archive)}/${replace(replace(local.archive_bits, "0", "./"), "1", "/")}${basename(local.archive)}"
}
