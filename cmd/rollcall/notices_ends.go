package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"rollcall/internal/access"
	"rollcall/internal/config"
	"rollcall/reconcile"
)

// tellFinished says that a run of a command came to its end that has nothing to record, to
// those who were told that one before it was aborted.
func (e *environ) tellFinished(ctx context.Context, n *night, trigger string) {
	if !n.cfg.Notices.On() {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), noticeTime)
	defer cancel()
	book, err := n.archive.Notices()
	if err != nil {
		e.log.Error("who has to be told of what could not be read: " + err.Error())
		return
	}
	post := e.post(ctx, n.cfg, n.archive.Archive)
	post.Run = n.job.Run.ID
	posted := post.Finished(ctx, book, trigger)
	if err := posted.Err(); err != nil {
		e.log.Error("NOT EVERYBODY WAS TOLD: " + err.Error())
		return
	}
	n.waiting = reconcile.Waiting(posted.Book)
}

// untoldFor is for how long nobody is told again that the archive cannot be read: it may be
// that nothing is on record either.
const untoldFor = 30 * time.Minute

// unread is what this machine knows by itself of an archive that it cannot read.
type unread struct {
	Run    access.Run `json:"run"` // that saw it first: it names the matter
	ToldAt time.Time  `json:"told_at"`
}

func unreadFile(cfg config.Config) string {
	return filepath.Join(cfg.Path(cfg.Reports.Dir), "archive_unread.json")
}

// tellUnread tells whoever answers for the infrastructure that the archive cannot be read,
// so that nobody can be told of anything else.
func (e *environ) tellUnread(ctx context.Context, cfg config.Config, why error) {
	was := e.wasUnread(cfg)
	if e.now().Sub(was.ToldAt) < untoldFor && was.Run.ID != "" {
		e.log.Warn(fmt.Sprintf("that the archive cannot be read was told at %s, and is told again half an hour after that", was.ToldAt.UTC().Format("15:04 MST")))
		return
	}
	if was.Run.ID == "" {
		was.Run = e.newRun(cfg, access.TriggerNotices, cfg.Mode)
	}
	was.ToldAt = e.now().UTC()
	e.tellAborted(ctx, cfg, was.Run, why)
	b, err := json.Marshal(was)
	if err == nil {
		err = writeFile(unreadFile(cfg), append(b, '\n'))
	}
	if err != nil {
		e.log.Warn("that this was told is not on record, and it is told again by the next notices send: " + err.Error())
	}
}

// wasUnread is what an earlier process left; one that cannot be read is as none. What is
// told to have been said later than now, by a clock that was ahead or by somebody who wants
// silence, was not.
func (e *environ) wasUnread(cfg config.Config) (was unread) {
	b, err := readInput(unreadFile(cfg))
	if err == nil {
		err = json.Unmarshal(b, &was)
	}
	if err != nil {
		return unread{}
	}
	if was.ToldAt.After(e.now()) {
		was.ToldAt = time.Time{}
	}
	return was
}

// isRead forgets that the archive could not be read.
func (e *environ) isRead(cfg config.Config) {
	if err := os.Remove(unreadFile(cfg)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		e.log.Warn("it is still noted that the archive cannot be read: " + err.Error())
	}
}
