package holdtest

import (
	"time"

	"github.com/seed-db8551c1/lastresort/duis"
	"github.com/seed-db8551c1/lastresort/hold"
	"github.com/seed-db8551c1/lastresort/smki"
	"pgregory.net/rapid"
)

// Device is the device that stands for all those registered to an MPID. Its numbers are made of the letters of the MPID, so that it stays the same whatever else is in a history.
func Device(m smki.AllocatedMPID) duis.Device {
	var letters uint32
	for i := range len(m.ID) {
		letters = letters<<8 | uint32(m.ID[i])
	}
	d := duis.Device{ID: smki.EUI64(0xD0<<56 | uint64(letters)), Type: duis.ESME, Status: duis.Commissioned}
	if m.Fuel == smki.Gas {
		d.Type, d.Gas = duis.GSME, duis.MPxN(letters)
	} else {
		d.Import = 1_000_000_000_000 + duis.MPxN(letters)
	}
	return d
}

// Decidable is the world in which Service Requests are decided as the register has it: one commissioned device for each MPID, as [Device] gives it, registered from the given time.
func Decidable(r *hold.Register, from time.Time) (*duis.World, error) {
	e := new(duis.World).Edit()
	if err := r.Update(e); err != nil {
		return nil, err
	}
	var s Estate
	for _, m := range r.Directory().MPIDs() {
		d := Device(m)
		s.Devices = append(s.Devices, d)
		s.Registrations = append(s.Registrations, duis.Registration{Point: max(d.Import, d.Gas), From: from, MPID: m.ID})
	}
	if err := s.Record(e); err != nil {
		return nil, err
	}
	return e.World(), nil
}

// Estate is devices, and whom their metering points are registered to.
type Estate struct {
	Devices       []duis.Device
	Registrations []duis.Registration // each holds until the next of its point, and has no end of its own
}

// Record puts the estate into the next version of a World, which must know the MPIDs. The errors are those of [duis.Edit.Register] and [duis.Edit.SetDevice].
func (s *Estate) Record(e *duis.Edit) error {
	for _, r := range s.Registrations {
		if err := e.Register(r.Point, r.From, r.MPID); err != nil {
			return err
		}
	}
	for _, d := range s.Devices {
		if err := e.SetDevice(d); err != nil {
			return err
		}
	}
	return nil
}

// Estates draws up to a number of meters that are registered to the world's MPIDs from a time on. Most are commissioned and stay with their supplier; the others are in another status, change
// supplier within the next weeks, or are registered to nobody from then on.
func (w *World) Estates(upTo int, from time.Time) *rapid.Generator[Estate] {
	return rapid.Custom(func(t *rapid.T) Estate {
		var mpids []smki.AllocatedMPID
		for _, s := range w.Suppliers {
			mpids = append(mpids, s.MPIDs...)
		}
		var s Estate
		for i := range rapid.IntRange(0, upTo).Draw(t, "meters") {
			m := rapid.SampledFrom(mpids).Draw(t, "registered to")
			d := duis.Device{ID: smki.EUI64(0xE000 + i), Type: duis.ESME, Status: duis.Commissioned, Import: duis.MPxN(1_000_000_000_001 + i)}
			if m.Fuel == smki.Gas {
				d.Type, d.Import, d.Gas = duis.GSME, 0, duis.MPxN(1+i)
			}
			d.SMETS1 = rapid.IntRange(0, 3).Draw(t, "SMETS1") == 3
			if rapid.IntRange(0, 9).Draw(t, "in another status") == 9 {
				d.Status = duis.Status(rapid.IntRange(int(duis.Pending), int(duis.Recovered)).Draw(t, "status"))
			}
			point := max(d.Import, d.Gas)
			s.Devices = append(s.Devices, d)
			s.Registrations = append(s.Registrations, duis.Registration{Point: point, From: from, MPID: m.ID})
			if rapid.IntRange(0, 3).Draw(t, "changes supplier") < 3 {
				continue
			}
			var next smki.MPID // nobody's, where no other MPID of the fuel is drawn
			if other := rapid.SampledFrom(mpids).Draw(t, "to"); other.Fuel == m.Fuel && other.ID != m.ID {
				next = other.ID
			}
			s.Registrations = append(s.Registrations, duis.Registration{Point: point, From: from.AddDate(0, 0, rapid.IntRange(0, 40).Draw(t, "after days")), MPID: next})
		}
		return s
	})
}
