package azurefind

// ExplainHub returns the error of a hub with what to do about it.
func ExplainHub(err error) error { return explainHub(err) }
