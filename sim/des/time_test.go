package des_test

import (
	"math"
	"testing"
	"time"

	"github.com/seed-db8551c1/lastresort/sim/des"
)

func TestTimeConversions(t *testing.T) {
	for _, test := range []struct{ got, want any }{
		{des.FromDuration(90 * time.Minute), des.Hour + 30*des.Minute},
		{des.FromDuration(1499 * time.Nanosecond), des.Microsecond},
		{des.FromDuration(1500 * time.Nanosecond), 2 * des.Microsecond},
		{des.FromDuration(-1500 * time.Nanosecond), -2 * des.Microsecond},
		{des.FromSeconds(0.0000015), 2 * des.Microsecond},
		{des.FromSeconds(-86400), -des.Day},
		{des.FromSeconds(1e300), des.Time(math.MaxInt64)},
		{des.FromSeconds(math.Inf(-1)), des.Time(math.MinInt64)},
		{des.FromSeconds(math.NaN()), des.Time(math.MinInt64)},
		{des.FromSeconds(9223372036854.775807), des.Time(math.MaxInt64)},
		{(36 * des.Hour).Duration(), 36 * time.Hour},
		{des.MaxTime.Duration(), time.Duration(math.MaxInt64)},
		{(-des.MaxTime).Duration(), time.Duration(math.MinInt64)},
		{(2500 * des.Millisecond).Seconds(), 2.5},
		{(des.Hour + 500*des.Millisecond).String(), "1h0m0.5s"},
	} {
		if test.got != test.want {
			t.Errorf("got %v, want %v", test.got, test.want)
		}
	}
}
