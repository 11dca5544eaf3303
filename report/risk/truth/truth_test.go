package truth

import (
	"math/rand/v2"
	"strings"
	"testing"

	"liverecon/report/risk/survey"
	"liverecon/report/xlsx"
	"liverecon/store/decisions"
)

func labelled(attack bool, species string, scores ...float64) (all []decisions.Labelled) {
	for _, score := range scores {
		all = append(all, decisions.Labelled{CallID: int64(len(all) + 1), Attack: attack, Species: species, Score: score})
	}
	return all
}

// TestErrorRates counts by hand what passed and what was flagged, with the threshold on either side of a score on it, and
// attack types by themselves.
func TestErrorRates(t *testing.T) {
	f := &Figures{Labels: append(append(labelled(true, "Paper  mask", 10, 50, 60), labelled(true, "paper mask", 70)...),
		append(labelled(true, "", 5), labelled(false, "", 90, 50, 49.9, 95)...)...)}
	bonaFide, attacks := f.Groups()
	if len(attacks) != 2 || attacks[0].Name != "Paper mask" || attacks[1].Name != notNamed {
		t.Fatalf("types: %+v", attacks)
	}
	for _, test := range []struct {
		rule            survey.Rule
		mask, other, bf int64
	}{{survey.Rule{Threshold: 50, Inclusive: true}, 3, 0, 1}, {survey.Rule{Threshold: 50}, 2, 0, 2},
		{survey.Rule{Threshold: 0, Inclusive: true}, 4, 1, 0}, {survey.Rule{Threshold: 100}, 0, 0, 4}} {
		mask, other, bf := attacks[0].APCER(test.rule), attacks[1].APCER(test.rule), bonaFide.BPCER(test.rule)
		if mask.Count != test.mask || mask.Total != 4 || other.Count != test.other || other.Total != 1 || bf.Count != test.bf || bf.Total != 4 {
			t.Errorf("%+v: %+v, %+v, %+v", test.rule, mask, other, bf)
		}
	}
	rule := survey.Rule{Threshold: 50, Inclusive: true}
	if worst, ok := Worst(attacks, rule, 4); !ok || worst.Name != "Paper mask" {
		t.Errorf("the highest: %+v, %v", worst, ok)
	}
	if worst, ok := Worst(attacks, rule, 5); ok {
		t.Errorf("read from too few: %+v", worst)
	}
}

// TestPlantedErrors: the Wilson intervals of planted error rates hold them in about 95 of 100 periods.
func TestPlantedErrors(t *testing.T) {
	random := rand.New(rand.NewPCG(11, 12))
	missed, flagged := 0, 0
	const apcer, bpcer = .12, .03
	for range 200 {
		f := &Figures{Rule: survey.Rule{Threshold: 50, Inclusive: true}}
		for range 150 {
			attack, bona := 20.0, 95.0
			if random.Float64() < apcer {
				attack = 80
			}
			if random.Float64() < bpcer {
				bona = 30
			}
			f.Labels = append(f.Labels, labelled(true, "screen", attack)[0], labelled(false, "", bona)[0])
		}
		bonaFide, attacks := f.Groups()
		if i, _ := attacks[0].APCER(f.Rule).Wilson(); i.Excludes(apcer) {
			missed++
		}
		if i, _ := bonaFide.BPCER(f.Rule).Wilson(); i.Excludes(bpcer) {
			flagged++
		}
	}
	if missed > 20 || flagged > 20 {
		t.Errorf("of 200 intervals %d miss APCER, %d BPCER", missed, flagged)
	}
}

// TestHeadline: an error rate is read from enough labels alone, and without a label there is no sheet.
func TestHeadline(t *testing.T) {
	book := &xlsx.Workbook{}
	if Write(book, &Figures{}); len(book.Sheets) != 0 {
		t.Error("a sheet without labels")
	}
	f := &Figures{Rule: survey.Rule{Threshold: 50, Inclusive: true}, Minimum: 3}
	for _, test := range []struct {
		labels []decisions.Labelled
		want   string
	}{
		{labelled(false, "", 9, 90), "Too few bona fide labels to read BPCER: 2; no attack type has the 3 labels from which APCER is read"},
		{labelled(false, "", 9, 90, 91, 92), "Flagged: 1 of 4 bona fide checks, BPCER 25.00% (4.56% to 69.94%); no attack type"},
		{append(labelled(true, "mask", 9, 90, 91), labelled(true, "print", 99, 99)...), "Too few bona fide labels to read BPCER: 0; passed: 2 of 3 attacks of type mask, APCER 66.67% ("},
	} {
		f.Labels = test.labels
		bonaFide, attacks := f.Groups()
		if got := f.headline(bonaFide, attacks); !strings.HasPrefix(got, test.want) {
			t.Errorf("%q, want %q", got, test.want)
		}
	}
}
