package des_test

import (
	"math"
	"testing"

	"github.com/seed-db8551c1/lastresort/sim/des"
)

func TestTimeWeighted(t *testing.T) {
	var w des.TimeWeighted
	if !math.IsNaN(w.Mean(0)) || w.Mean(5) != 0 {
		t.Errorf("zero value: %v over no time, %v after", w.Mean(0), w.Mean(5))
	}
	w.Set(10, 2)  // 0 for 10
	w.Add(10, 1)  // 2 for 0
	w.Add(20, -2) // 3 for 10
	if got := w.Mean(40); got != (3*10+1*20)/40.0 {
		t.Errorf("mean %v, want 1.25", got)
	}
	if w.Mean(20) != 1.5 || w.Value() != 1 {
		t.Errorf("mean at the last change %v, value %v, want 1.5 and 1", w.Mean(20), w.Value())
	}
	w.Restart(40)
	if !math.IsNaN(w.Mean(40)) {
		t.Errorf("mean over no time %v, want NaN", w.Mean(40))
	}
	w.Set(50, 4) // 1 for 10
	if got := w.Mean(60); got != (1*10+4*10)/20.0 {
		t.Errorf("mean after Restart %v, want 2.5", got)
	}
	if !math.IsNaN(w.Mean(49)) {
		t.Errorf("mean before the last change %v, want NaN", w.Mean(49))
	}
	w.Set(45, 0)
	w.Set(70, 0)
	if !math.IsNaN(w.Mean(80)) {
		t.Errorf("mean after time ran backwards %v, want NaN", w.Mean(80))
	}
}
