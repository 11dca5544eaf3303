package list

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/biter777/countries"
)

// Every country of today is read by its codes and by the library's name for it.
func TestParseRegionAll(t *testing.T) {
	for _, country := range countries.All() {
		want := country.Alpha2()
		withdrawn := want == "AN" || want == "YU"
		for _, s := range []string{want, country.Alpha3(), country.String()} {
			got, ok := ParseRegion(s)
			if withdrawn && ok || !withdrawn && (!ok || got != want) {
				t.Errorf("%q: got %q, %v, want %q", s, got, ok, want)
			}
		}
	}
}

func TestParseRegion(t *testing.T) {
	for s, want := range map[string]string{
		// the vendor's markets, as people write them
		"id": "ID", "IDN": "ID", "indonesia": "ID", " Indonesia\u00a0": "ID", "Republic of Indonesia": "ID",
		"VN": "VN", "vnm": "VN", "Viet Nam": "VN", "Vietnam": "VN", "VIETNAM": "VN", "Việt Nam": "VN",
		"Philippines (the)": "PH", "The Philippines": "PH", "Republic of the Philippines": "PH",
		"México": "MX", "Mexico": "MX", "Colombia": "CO", "Nigeria": "NG", "Niger": "NE", "Singapore": "SG", "Thailand": "TH", "Malaysia": "MY",
		// names with variants
		"UK": "GB", "England": "GB", "Great Britain": "GB", "United Kingdom of Great Britain and Northern Ireland (the)": "GB",
		"UAE": "AE", "USA": "US", "United States of America (the)": "US", "Türkiye": "TR", "Côte d'Ivoire": "CI", "Ivory Coast": "CI",
		"Korea (the Republic of)": "KR", "Korea (the Democratic People's Republic of)": "KP", "South Korea": "KR",
		"Congo (the)": "CG", "Congo (the Democratic Republic of the)": "CD", "Republic of the Congo": "CG", "DR Congo": "CD",
		"Bolivia (Plurinational State of)": "BO", "Iran (Islamic Republic of)": "IR", "Tanzania, the United Republic of": "TZ",
		"Lao People's Democratic Republic (the)": "LA", "Trinidad & Tobago": "TT", "Hong Kong": "HK", "Kosovo": "XK",
		"Virgin Islands (U.S.)": "VI", "Virgin Islands (British)": "VG", "Guinea-Bissau": "GW", "Papua New Guinea": "PG",
		// no country
		"": "", " ": "", "-": "", "XX": "", "ZZ": "", "XW": "", "EU": "", "None": "", "none": "", "Unknown": "", "International": "", "Global": "",
		"N/A": "", "NULL": "", "12": "", "360": "", "+62": "", "62": "", "PH1": "", "PH/MY": "", "PH,MY": "", "P H": "", "P.H.": "", "A": "",
		"Asia": "", "Europe": "", "Africa": "", "America": "", "South East Asia": "", "SEA": "", "APAC": "", "LATAM": "", "ASEAN": "", "European Union": "",
		"UIFN": "", "Inmarsat": "", "Island": "", "Polynesia": "", "Atlantis": "", "Yugoslavia": "", "Netherlands Antilles": "", "ANT": "", "XSC": "",
		"RI": "", "PHI": "", "MAL": "", "PI": "", "DG": "", "Virgin Islands": "", "Индонезия": "", "ประเทศไทย": "", "\xff\xfe": "",
	} {
		got, ok := ParseRegion(s)
		if got != want || ok != (want != "") {
			t.Errorf("%q: got %q, %v, want %q", s, got, ok, want)
		}
	}
}

func TestRegionFromName(t *testing.T) {
	everywhere := func(region string) (string, bool) { return "sg", true }
	onlyPHAndTH := func(region string) (string, bool) { return region, region == "PH" || region == "TH" }
	for _, test := range []struct {
		name     string
		packed   string // the name of the list in an archive
		route    func(string) (string, bool)
		named    string // regions that an endpoint names itself
		region   string
		doubtful bool
		rivals   string
	}{
		{name: "ids_PH_2026-11-21.csv", region: "PH"},
		{name: "/lists/MY/ids_PH_2026-11-21.csv.gz", region: "PH"},
		{name: "ids-VNM-20261121.tsv", region: "VN"},
		{name: "PH.csv", region: "PH"},
		{name: "IDS_PH_2026.CSV", region: "PH"},
		{name: "ids_ID_2026.csv", region: "ID"},
		{name: "ids_CO_2026-11-20.csv.gz", region: "CO"},
		{name: "ids_MY.csv", region: "MY"},
		{name: "ids_ph_2026.csv", region: "PH"},
		{name: "IDs TH (2).csv", region: "TH"},
		{name: "ids_PH_PHL.csv", region: "PH"},
		{name: "UK_ids.csv", region: "GB"},
		{name: "LIVENESS_ID_PH.CSV", region: "PH"},
		// one firm token goes before words
		{name: "ids_TH_MAR_2026.csv", region: "TH"},
		{name: "ids_TH_IN_PROGRESS.csv", region: "TH"},
		{name: "DO-NOT-DELETE-PH.csv", region: "PH"},
		// words
		{name: "ids_to_check.csv", region: "TO", doubtful: true},
		{name: "ids_in_doubt.csv", region: "IN", doubtful: true},
		{name: "IDS_MAR_2026.CSV", region: "MA", doubtful: true},
		{name: "list_my.csv", region: "MY", doubtful: true},
		{name: "ids_in_no_region.csv", region: "IN", doubtful: true},
		{name: "Request_ID_2026-11-27.csv", region: "ID", doubtful: true},
		{name: "IDS_TO_DO.csv"},
		// words of the trade, that "*" would send abroad
		{name: "PT_BANK_XYZ_ids.csv", route: everywhere, region: "PT", doubtful: true},
		{name: "PT_BANK_XYZ_ids.csv", route: everywhere, named: "PT", region: "PT", doubtful: true},
		{name: "ids_PT_BANK_XYZ.csv", route: everywhere, region: "PT", doubtful: true},
		{name: "ids_PT_2026.csv", route: everywhere, named: "PT", region: "PT"},
		{name: "ids_pt_bank.csv", route: everywhere, named: "PT", region: "PT", doubtful: true},
		{name: "PT_BANK_XYZ_PH.csv", route: everywhere, region: "PH"},
		{name: "HR_ids.csv", route: everywhere, region: "HR", doubtful: true},
		{name: "BI_export.csv", route: everywhere, region: "BI", doubtful: true},
		{name: "BANCO_SA_ids.csv", route: everywhere, region: "SA", doubtful: true},
		{name: "CR_1234_ids.csv", route: everywhere, region: "CR", doubtful: true},
		{name: "MS_SQL_EXPORT.csv", route: everywhere, region: "MS", doubtful: true},
		{name: "GL_ACCOUNTS.csv", route: everywhere, region: "GL", doubtful: true},
		{name: "CI_PIPELINE.csv", route: everywhere, region: "CI", doubtful: true},
		{name: "CD_DEPLOY.csv", route: everywhere, region: "CD", doubtful: true},
		{name: "AR_INVOICES.csv", route: everywhere, region: "AR", doubtful: true},
		{name: "IDS_NE_PAS.csv", route: everywhere, region: "NE", doubtful: true},
		{name: "ids_NA.csv", route: everywhere, region: "NA", doubtful: true},
		{name: "ids_NA.csv", route: everywhere, named: "NA", region: "NA"},
		{name: "ids_CO_2026.csv", route: everywhere, region: "CO"},
		// abbreviations: firm right after ids_, or where an endpoint has them by their code
		{name: "BO_export.csv", route: everywhere, region: "BO", doubtful: true},
		{name: "PK_customers.csv", route: everywhere, region: "PK", doubtful: true},
		{name: "PK_customers.csv", route: everywhere, named: "PK", region: "PK"},
		{name: "ids_PK_2026.csv", route: everywhere, region: "PK"},
		{name: "ids_pk_2026.csv", route: everywhere, region: "PK", doubtful: true},
		{name: "LIST_BO_2026.csv", route: everywhere, region: "BO"},
		{name: "export_2_GB.csv", route: everywhere, region: "GB", doubtful: true},
		{name: "batch_SM.csv", route: everywhere, region: "SM", doubtful: true},
		{name: "PAN_check.csv", route: everywhere, region: "PA", doubtful: true},
		{name: "ABC_SDN_BHD.csv", route: everywhere, region: "SD", doubtful: true},
		{name: "BO_export_TH.csv", route: everywhere, region: "TH"},
		{name: "BO_PK.csv", route: everywhere},
		{name: "BO_export.csv", route: onlyPHAndTH},
		{name: "BD_2026.csv", route: everywhere, region: "BD", doubtful: true},
		{name: "BD_2026.csv", route: everywhere, named: "BD", region: "BD"},
		{name: "NIC_ids.csv", route: everywhere, region: "NI", doubtful: true},
		{name: "NPL_loans.csv", route: everywhere, region: "NP", doubtful: true},
		{name: "MQ_out.csv", route: everywhere, region: "MQ", doubtful: true},
		{name: "CH_01.csv", route: everywhere, region: "CH", doubtful: true},
		{name: "ids_NPL_1.csv", route: everywhere, region: "NP"},
		// a point separates, but before the endings of lists
		{name: "ids_2026.11.27_TH.csv", region: "TH"},
		{name: "v1.2_ids_TH.csv.gz", region: "TH"},
		{name: "ids.TH.csv", region: "TH"},
		{name: "ids.th.xlsx", region: "TH"},
		{name: "PROD.IDS.TH.D20261127.CSV", region: "TH"},
		{name: "ids_PH_27.11_TH.csv", rivals: "PH TH"},
		{name: "ids_2026.to.check.csv"}, // not right after ids_
		{name: "ids.to_check.txt", region: "TO", doubtful: true},
		{name: "out_2026.11.zip", packed: "ids.v2.TH.csv", region: "TH"},
		{name: "ids_PH_2026.11.zip", packed: "a.TH.csv", rivals: "PH TH"},
		{name: "ids_2026.11.TH.zip", packed: "a.csv", region: "TH"},
		{name: "ids_\uff34\uff28.csv", region: "TH"}, // of full width
		// an archive and the list in it count as one name
		{name: "export.csv.zip", packed: "ids_PH.csv", region: "PH"},
		{name: "ids_PH.zip", packed: "a/export.csv", region: "PH"},
		{name: "ids_PH.zip", packed: "PH.csv", region: "PH"},
		{name: "ids_PH.zip", packed: "ids_TH.csv", rivals: "PH TH"},
		{name: "ids_PH.zip", packed: "ids_to_check.csv", region: "PH"},
		{name: "ids_to_check.zip", packed: "ids_PH.csv", region: "PH"},
		{name: "ids_to_check.zip", packed: "ids_in_doubt.csv"},
		{name: "export.zip", packed: "ids_to_check.csv", region: "TO", doubtful: true},
		{name: "ids.zip", packed: "ID.csv", region: "ID", doubtful: true}, // not right after ids_
		{name: "export.zip", packed: "TH/export.csv"},                     // a directory of the archive gives none
		// no endpoint for the word, so it is a word
		{name: "ids_to_check.csv", route: onlyPHAndTH},
		{name: "ids_VN_PH.csv", route: onlyPHAndTH, region: "PH"},
		{name: "ids_VN_TO_CHECK.csv", route: onlyPHAndTH, region: "VN"}, // rejected for want of an endpoint, not asked elsewhere
		// two firm tokens
		{name: "ids_PH_VN.csv", rivals: "PH VN"},
		{name: "ids_TH_PH.csv", route: onlyPHAndTH, rivals: "TH PH"},
		{name: "liveness_ID_2026.csv"}, {name: "liveness_id_2026.csv"}, {name: "my_list.csv"}, {name: "list_of_id.csv"},
		{name: "ids_2026-11-21.csv"}, {name: "mixed.csv"}, {name: "ids_XX_2026.csv"}, {name: "ids_EU.csv"}, {name: ""},
		{name: "idsPH.csv"}, {name: "PH2026.csv"},
	} {
		got := RegionFromName(test.name, test.packed, Options{Route: test.route,
			Named: func(region string) bool { return region == test.named }})
		if got.Region != test.region || got.Doubtful != test.doubtful || strings.Join(got.Rivals, " ") != test.rivals {
			t.Errorf("%q: got %+v, want %+v", test.name, got, test)
		}
	}
}

// TestNameLikeRegion: what may be meant for a country and gives none is known.
func TestNameLikeRegion(t *testing.T) {
	o := Options{DefaultRegion: "PH", Named: func(region string) bool { return region == "TH" || region == "IN" }}
	for name, want := range map[string]string{
		"ids_thailand.csv": "TH", "ids_TH1.csv": "TH", "Ids_Vietnam_2026.csv": "VN", "export_th.csv": "TH", "th.csv": "TH", "a.th2.csv": "TH",
		"ids_in_1.csv": "", "in.csv": "", "ph.csv": "", "vn.csv": "", "export.csv": "", "ids_TH.csv": "", "CV2.csv": "", "ids_to_check.csv": "", "ids_10.csv": "",
	} {
		f := o.FileRegion(name, "")
		if f.name.LikeOf != want {
			t.Errorf("%s: like %q, want %q", name, f.name.LikeOf, want)
		}
		seen := regionSourcesSeen{}
		seen.rows[f.source] = 1
		notes := strings.Join(seen.notes(f, 0), "; ")
		if said := strings.Contains(notes, "gives no region, and its rows go to PH by default_region; if it is"); said != (want != "") {
			t.Errorf("%s: said %q", name, notes)
		}
	}
}

// A region that is read is an alpha-2 code which reads as itself.
func FuzzParseRegion(f *testing.F) {
	for _, s := range []string{"PH", "vnm", "Viet Nam", "Korea (the Republic of)", "Côte d'Ivoire", "XX", "International", "\xff", "& (the)"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		region, ok := ParseRegion(s)
		if !ok {
			if region != "" {
				t.Fatalf("%q: refused, with %q", s, region)
			}
			return
		}
		if len(region) != 2 || region[0] < 'A' || region[0] > 'Z' || region[1] < 'A' || region[1] > 'Z' {
			t.Fatalf("%q: got %q", s, region)
		}
		if again, ok := ParseRegion(region); !ok || again != region {
			t.Fatalf("%q: got %q, which reads as %q", s, region, again)
		}
	})
}

// TestEarlier: whatever country a rule, an earlier one or today's with fewer words, took from a list's name, it is looked
// for, and never the one of today under another reading than the first.
func TestEarlier(t *testing.T) {
	const today = 3
	words := []string{"PH", "TH", "check", "ids", "27"}
	for _, known := range []map[string]bool{tradeHomographs, regionHomographs, abbreviations} {
		for word := range known {
			words = append(words, word)
		}
	}
	o := Options{Route: func(string) (string, bool) { return "all", true }, DefaultRegion: "PH"}
	for _, form := range []string{"%s.csv", "ids_%s.csv", "%s_PH.csv", "2026.%s.csv.gz", "to_%s_TH.csv"} {
		for _, word := range words {
			path := fmt.Sprintf(form, word)
			f := o.FileRegion(path, "")
			same, others := f.Earlier(path, today)
			for _, r := range same {
				if r.Region != f.BeforeDefault() || r.Rule >= today {
					t.Errorf("%s: %+v is no reading of before with today's %q", path, r, f.BeforeDefault())
				}
			}
			code, _ := ParseRegion(word)
			if strings.HasPrefix(path, word) && len(word) > 3 || word == "ids" || word == "27" {
				code = ""
			}
			for _, was := range []string{"", code, EarlierRegion(path)} {
				for rule := 1; rule <= today; rule++ {
					want := EarlierReading{was, rule}
					if (was != f.BeforeDefault()) != slices.Contains(others, want) {
						t.Errorf("%s: %+v stands in %+v: %v", path, want, others, slices.Contains(others, want))
					}
				}
			}
		}
	}
}
