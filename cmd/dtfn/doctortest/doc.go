// Package doctortest holds dtfn doctor against what it is for: the deployed programs
// with the sinks of each platform, or their stand-ins.
package doctortest
