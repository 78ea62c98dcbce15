package chaos_test

import (
	"fmt"
	"path/filepath"
	"testing"

	"parley/adapters/bunstore/bunstoretest"
	"parley/chaos"
)

func TestARestoredBackupIsToldToWhoeverKnowsMoreOnSQLite(t *testing.T) {
	t.Parallel() // most of it is waiting
	restoredAgainAndAgain(newScene(t, nil, 1, 4), sqliteBackup)
}

// The nodes live on while their database becomes another one.
func TestARestoredBackupIsToldToWhoeverKnowsMoreOnPostgres(t *testing.T) {
	t.Parallel() // most of it is waiting
	restoredAgainAndAgain(newScene(t, bunstoretest.OwnCluster(t), 2, 4), postgresBackup)
}

func restoredAgainAndAgain(s *scene, backup func(*scene) (restore func())) {
	s.t.Helper()
	var final chaos.Final
	for range restorings {
		final = s.restoring(backup)
	}
	h, resets := s.history.Records(), 0
	for range chaos.Those(h, chaos.Reset, chaos.Noted) {
		resets++
	}
	s.verdict(chaos.Restored, final, fmt.Sprintf("%d acknowledged after a backup and gone with it, %d lines reset", chaos.Lost(h, final), resets))
}

// postgresBackup copies the data of the server that is down, and puts the copy
// back in the same way.
func postgresBackup(s *scene) (restore func()) {
	s.t.Helper()
	data := s.cluster.Data()
	backup := filepath.Join(filepath.Dir(data), "backup")
	s.cluster.Crash(s.t)
	command(s.t, "cp", "-a", data, backup)
	s.cluster.Start(s.t)
	return func() {
		s.cluster.Crash(s.t)
		command(s.t, "rm", "-rf", data)
		command(s.t, "mv", backup, data)
		s.cluster.Start(s.t)
	}
}
