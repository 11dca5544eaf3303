package alias

import (
	"context"
	"database/sql"
)

// Admit takes the rows of a list from those that are staged, and makes them rejected ones, whose ID is known as one of
// the other kind, or differs from a known one in nothing but case; not the former where both kinds share IDs, not the
// latter where case matters. Of the others it notes of which kinds they are, and whether they have capitals.
func Admit(ctx context.Context, conn *sql.Conn, hash Hash, caseMatters, kindsShare bool) (
	k OtherKind, c OtherCase, err error,
) {
	if err = foldEarlier(ctx, conn, hash); err == nil && !kindsShare {
		k, err = refuseKind(ctx, conn)
	}
	if err == nil && !caseMatters {
		c, err = refuse(ctx, conn)
	}
	if err == nil {
		err = rememberCapitals(ctx, conn)
	}
	if err == nil {
		err = rememberKinds(ctx, conn)
	}
	return k, c, err
}

// AdmitListed does for staged lists, all at once, what Admit does for one after the other, and tells what each has:
// what is of the other kind and what is in other case by calls of their own.
func AdmitListed(ctx context.Context, conn *sql.Conn, caseMatters, kindsShare bool,
	tell func(list int, k OtherKind, c OtherCase)) (err error) {
	if !kindsShare {
		err = refuseKindListed(ctx, conn, func(list int, k OtherKind) { tell(list, k, OtherCase{}) })
	}
	if err == nil && !caseMatters {
		err = refuseListed(ctx, conn, func(list int, c OtherCase) { tell(list, OtherKind{}, c) })
	}
	return err
}
