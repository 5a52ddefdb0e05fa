package awsapi

import "strings"

// An ARN is the name of a resource (AWS General Reference, "Amazon Resource Names").
type ARN struct {
	Partition, Service, Region, Account string
	// Resource is all after the account, such as "event-bus/name".
	Resource string
}

// ParseARN takes apart arn:partition:service:region:account:resource.
func ParseARN(text string) (ARN, bool) {
	parts := strings.SplitN(text, ":", 6)
	if len(parts) != 6 || parts[0] != "arn" || parts[1] == "" || parts[2] == "" || parts[5] == "" {
		return ARN{}, false
	}
	return ARN{Partition: parts[1], Service: parts[2], Region: parts[3], Account: parts[4], Resource: parts[5]}, true
}

// Partition returns the partition that a region is in.
func Partition(region string) string {
	switch {
	case strings.HasPrefix(region, "cn-"):
		return "aws-cn"
	case strings.HasPrefix(region, "us-gov-"):
		return "aws-us-gov"
	}
	return "aws"
}

// HostRegion returns the region in the host of a service, such as
// sqs.eu-west-1.amazonaws.com or vpce-1.sqs.eu-west-1.vpce.amazonaws.com; "" if there
// is none.
func HostRegion(service, host string) string {
	labels := strings.Split(host, ".")
	for i, label := range labels[:len(labels)-1] {
		if label == service || label == service+"-fips" {
			return labels[i+1]
		}
	}
	return ""
}
