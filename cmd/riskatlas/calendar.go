package main

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"riskatlas/api"
	"riskatlas/data"
	"riskatlas/data/calendar"
	"riskatlas/data/city"
)

// startCalendar applies the validity dates of the store's records, now and at each
// local midnight, and keeps the totals of the days that have ended. stop ends both
// and waits for them; the store must stay open until then.
func startCalendar(ctx context.Context, store data.Store, seen *city.City, l *live, server *api.Server, log *slog.Logger) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	zone := seen.Profile().Zone
	var both sync.WaitGroup
	both.Go(func() {
		dates := calendar.Validity{Store: store, Zone: zone, Clock: calendar.System{}, Applied: func(rev data.Revision, day string, records int) {
			log.Info("validity dates applied", "day", day, "records", records, "revision", uint64(rev))
		}}
		if err := dates.Run(ctx); err != nil {
			log.Error("validity dates are applied no longer", "err", err)
		}
	})
	both.Go(func() {
		select {
		case <-l.viewer.Ready():
		case <-ctx.Done():
			return
		}
		calendar.EachDay(ctx, calendar.System{}, zone, func(now time.Time) {
			if err := server.KeepDays(ctx, now); err != nil && !errors.Is(err, context.Canceled) {
				log.Error("the totals of days are not kept", "err", err)
			}
		})
	})
	return func() { cancel(); both.Wait() }
}
