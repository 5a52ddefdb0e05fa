package event

// A Label is one label of a device: a key and its value, which may be empty.
type Label struct {
	Key, Value string
}

// Labels are a device's labels in a fixed order. Keys are unique.
type Labels []Label

// Get returns the value of the label key, and whether there is one.
func (l Labels) Get(key string) (value string, ok bool) {
	for i := range l {
		if l[i].Key == key {
			return l[i].Value, true
		}
	}
	return "", false
}
