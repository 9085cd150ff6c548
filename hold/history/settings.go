package history

import (
	"strconv"
	"strings"

	"github.com/seed-db8551c1/lastresort/duis"
	"github.com/seed-db8551c1/lastresort/hold"
)

// settingsFields are all the settings; what is left out is the default.
var settingsFields = []field[hold.Settings]{
	one("regime", of(func(s *hold.Settings) *hold.Regime { return &s.Regime }), enum[hold.Regime]("a regime such as mp185"), nil),
	flag("enforce", of(func(s *hold.Settings) *bool { return &s.Enforce })),
	flag("freezeControlOnly", of(func(s *hold.Settings) *bool { return &s.FreezeControlOnly })),
	flag("topUpsExempt", of(func(s *hold.Settings) *bool { return &s.TopUpsExempt })),
	list("safeModeVariants", of(func(s *hold.Settings) *[]duis.SRV { return &s.SafeModeVariants }), srvs),
	flag("safeModeCarriesThresholds", of(func(s *hold.Settings) *bool { return &s.SafeModeCarriesThresholds })),
	flag("lapseAfterArrangement", of(func(s *hold.Settings) *bool { return &s.LapseAfterArrangement })),
	one("warningDays", of(func(s *hold.Settings) *int { return &s.WarningDays }), days, nil),
	one("transferDays", of(func(s *hold.Settings) *int { return &s.TransferDays }), days, nil),
	one("revocationDays", of(func(s *hold.Settings) *int { return &s.RevocationDays }), days, nil),
	one("thresholdDays", of(func(s *hold.Settings) *int { return &s.ThresholdDays }), days, nil),
	flag("IKIExempt", of(func(s *hold.Settings) *bool { return &s.IKIExempt })),
	flag("deviceIncluded", of(func(s *hold.Settings) *bool { return &s.DeviceIncluded })),
	flag("undoneActsExempt", of(func(s *hold.Settings) *bool { return &s.UndoneActsExempt })),
}

var days = codec[int]{strconv.Itoa, func(s string) (int, error) {
	n, err := strconv.Atoi(s)
	if err != nil || strconv.Itoa(n) != s {
		return 0, wrong(s, "a number of days")
	}
	return n, nil
}}

// showSettings writes the settings that differ from the defaults; nothing if none does.
func showSettings(s *hold.Settings) string {
	var b strings.Builder
	showFields(&b, s, settingsFields, same)
	return strings.TrimPrefix(b.String(), "; ")
}

func readSettings(s string) (hold.Settings, error) {
	var all hold.Settings
	parts, err := split(s, ';')
	if err != nil {
		return all, err
	}
	return all, readFields(&all, parts, settingsFields, same)
}
