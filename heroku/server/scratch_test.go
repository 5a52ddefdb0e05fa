//go:build platforms

package main_test

import (
	"io"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// The server runs where there is nothing but it: no libraries, no certificates, no
// account of its user, nothing that can be written to, as in an image from scratch.
func TestRunsInAnEmptyRoot(t *testing.T) {
	root := t.TempDir()
	for dir := root; dir != os.TempDir() && dir != "/"; dir = filepath.Dir(dir) {
		info, err := os.Stat(dir)
		must(t, err)
		must(t, os.Chmod(dir, info.Mode()|0o055)) // its user must get there
	}
	copyFile(t, binary, filepath.Join(root, "server"))
	cmd := command(t, nil, "DT_SINK=stdout:", "METRICS_PORT=0")
	cmd.Path, cmd.Args, cmd.Dir = "/server", []string{"/server"}, "/"
	cmd.SysProcAttr = &syscall.SysProcAttr{Chroot: root}
	if os.Geteuid() == 0 {
		cmd.SysProcAttr.Credential = &syscall.Credential{Uid: 65532, Gid: 65532}
	} else {
		cmd.SysProcAttr.Cloneflags = syscall.CLONE_NEWUSER
		cmd.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{ContainerID: 65532, HostID: os.Geteuid(), Size: 1}}
	}
	p := launch(t, cmd)
	s := newSender(t)
	if status, body, err := s.post(p.address, "e1"); err != nil || status != 200 {
		t.Errorf("post: %d %s, %v", status, body, err)
	}
	if code := p.stop(t); code != 0 {
		t.Errorf("exit code %d\n%s", code, p.text())
	}
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	source, err := os.Open(from)
	must(t, err)
	defer source.Close()
	target, err := os.OpenFile(to, os.O_CREATE|os.O_WRONLY, 0o755)
	must(t, err)
	_, err = io.Copy(target, source)
	must(t, err)
	must(t, target.Close())
}
