package batch

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"liverecon/store"
)

// Intake is what reading the lists brought.
type Intake struct {
	Read     []store.List // read in this run, with their chains
	Skipped  int          // lists read already, with the same content and the same settings
	Rejected int64        // rows
}

// readLists takes every list that was not taken before. All lists are looked at, so that one error names everything that
// is wrong; then ErrInput stops the run before anything is sent. What was taken stays taken.
func readLists(ctx context.Context, job *Job, runID int64) (Intake, error) {
	var in Intake
	var faults listFaults
	for _, path := range job.Lists {
		fingerprint, known, err := lookUp(ctx, job, path, job.Store.KnownList)
		if err == nil && !known {
			var l store.List
			if l, err = takeList(ctx, job, runID, path, fingerprint); err == nil {
				in.Read = append(in.Read, l)
				in.Rejected += l.Rejected
				job.Log.Info("list read", "list", l.Path, "rows", l.Rows, "rejected", l.Rejected, "duplicate", l.Duplicate, "known", l.Known, "new", l.New)
				continue
			}
		}
		if err == nil {
			in.Skipped++
		} else if err = faults.add(err); err != nil {
			return in, err
		}
	}
	return in, faults.err()
}

// listFaults collects what is wrong with lists, as opposed to this machine.
type listFaults []error

// add returns an error that is not a list's fault.
func (f *listFaults) add(err error) error {
	var refused *ListError
	if !errors.As(err, &refused) {
		return err
	}
	*f = append(*f, err)
	return nil
}

func (f listFaults) err() error {
	if len(f) == 0 {
		return nil
	}
	return fmt.Errorf("%w: %w", ErrInput, errors.Join(f...))
}

// lookUp computes a list's fingerprint and asks whether it was read already.
func lookUp(ctx context.Context, job *Job, path string, known func(context.Context, string) (bool, error)) (string, bool, error) {
	sum, _, err := HashList(path)
	if err != nil {
		return "", false, err
	}
	fingerprint := listFingerprint(sum, path, job)
	seen, err := known(ctx, fingerprint)
	return fingerprint, seen, err
}

// listFingerprint stands for a list's content and for everything else that decides what its rows become: a list whose rows
// were rejected for want of a region or an endpoint is read again once the configuration has it.
func listFingerprint(sum [sha256.Size]byte, path string, job *Job) string {
	var text strings.Builder
	region, _ := RegionFromName(path)
	fmt.Fprintf(&text, "%x\n%s\n%s\n", sum, region, job.ListOptions.DefaultRegion)
	for _, field := range sortedKeys(job.ListOptions.Columns) {
		fmt.Fprintf(&text, "%s=%s\n", field, strings.Join(job.ListOptions.Columns[field], ","))
	}
	for _, r := range sortedKeys(job.Routes) {
		fmt.Fprintf(&text, "%s routed\n", r)
	}
	all := sha256.Sum256([]byte(text.String()))
	return hex.EncodeToString(all[:])
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// takeList stores one list in one transaction.
func takeList(ctx context.Context, job *Job, runID int64, path, fingerprint string) (store.List, error) {
	in, err := job.Store.BeginIntake(ctx)
	if err != nil {
		return store.List{}, err
	}
	info, err := ReadList(ctx, path, job.ListOptions, func(r ListRow) error { return in.Row(listed(r)) }, func(r ListReject) error { return in.Reject(rejected(r)) })
	if err != nil {
		return store.List{}, errors.Join(err, in.Abort())
	}
	l := store.List{Path: path, SHA256: info.SHA256, Fingerprint: fingerprint, Bytes: info.Size, ReadAt: time.Now()}
	return in.Commit(ctx, runID, l)
}

func listed(r ListRow) store.ListedRow {
	return store.ListedRow{Line: r.Line, Kind: r.Kind, ID: r.ID, OtherID: r.OtherID, Region: r.Region, Endpoint: r.Endpoint, Reference: r.Reference}
}

func rejected(r ListReject) store.Reject {
	return store.Reject{Line: r.Line, Column: r.Column, Reason: r.Reason, Detail: r.Detail, Value: r.Value}
}

// previewLists reads what readLists would, into a database of its own that is thrown away.
func previewLists(ctx context.Context, job *Job, look *store.Preview) (Intake, error) {
	var in Intake
	var faults listFaults
	for _, path := range job.Lists {
		_, known, err := lookUp(ctx, job, path, look.KnownList)
		if err == nil && known {
			in.Skipped++
			continue
		}
		if err == nil {
			err = look.List(path, func(row func(store.ListedRow) error, reject func() error) error {
				_, err := ReadList(ctx, path, job.ListOptions, func(r ListRow) error { return row(listed(r)) }, func(ListReject) error { return reject() })
				return err
			})
		}
		if err == nil {
			continue
		}
		if err = faults.add(err); err != nil {
			return in, err
		}
	}
	err := faults.err()
	if err != nil {
		return in, err
	}
	in.Read, err = look.Lists(ctx)
	for _, l := range in.Read {
		in.Rejected += l.Rejected
	}
	return in, err
}
