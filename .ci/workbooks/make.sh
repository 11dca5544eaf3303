# Sourced by check-workbooks: makes the workbooks to be checked in $work/made, from simulated nights.

# night DIR [LIST...]: a simulated night; 3 means that a few answers were lost, as the simulated vendor is meant to do.
night() {
	local out=$1 code=0
	shift
	bin/liverecon run --simulate --out "$out" "$@" >"$out.log" 2>&1 || code=$?
	[[ $code == 0 || $code == 3 ]] || die "run --simulate ended with $code: $(tail -n 3 "$out.log")"
}

# one FILE KIND DIR FLAG...: one workbook, under a short name.
one() {
	local file=$1 kind=$2 out=$3 said
	shift 3
	said=$(bin/liverecon report "$kind" --simulate --out "$out" "$@") || die "report $kind $* failed"
	mv "${said#wrote }" "$work/made/$file.xlsx"
}

mkdir "$work/made" "$work/lists"

# Forty regions of five checks each in a list with a name of sixty characters, and a list of a single check.
regions="AE AR AT AU BD BE BR CA CH CL CO CZ DE DK EG ES FI FR GB GR HK HU ID IE IN IT JP KE KR MX MY NG NL NO NZ PE PH SG TH VN"
forty=$work/lists/$(printf 'forty_regions_%042d.csv' 0)
{
	echo signatureId,region
	i=0
	for region in $regions; do
		for _ in 1 2 3 4 5; do
			i=$((i + 1))
			printf '%016x,%s\n' $((16#c01dface50000000 + 7919 * i)) "$region"
		done
	done
} >"$forty"
printf 'signatureId\nc01dface5eedf001\n' >"$work/lists/ids_ID.csv"

night "$work/night" &
nights=($!)
night "$work/forty" "$forty" &
nights+=($!)
night "$work/single" "$work/lists/ids_ID.csv" &
nights+=($!)
for pid in "${nights[@]}"; do
	wait "$pid"
done

# Two days, lest midnight fall between a run and its report.
days=(--from "$(TZ=Asia/Singapore date -d yesterday +%F)" --to "$(TZ=Asia/Singapore date +%F)")
one night risk "$work/night" "${days[@]}"
one month risk "$work/night"
one finance finance "$work/night"
one forty risk "$work/forty" "${days[@]}"
one forty_finance finance "$work/forty"
one single risk "$work/single" "${days[@]}"
one single_finance finance "$work/single"
one empty risk "$work/night" --from 2020-01-01
one empty_finance finance "$work/night" --month 2020-01

# The same nights, reconciled with the vendor's statement: with mistakes in it, and of forty regions and a single call.
settled() {
	local file=$1 out=$2 statements
	statements=("$out"/vendor-statement-*.csv)
	"$python" "$helpers/statement.py" "${statements[-1]}" "$out.csv"
	bin/liverecon reconcile --simulate --out "$out" --statement "$out.csv" >"$out.log" 2>&1 || die "reconcile ended with $?: $(tail -n 3 "$out.log")"
	mv "$(sed -n 's/^wrote \(.*finance.*xlsx\)$/\1/p' "$out.log" | tail -n 1)" "$work/made/$file.xlsx"
}
settled settled "$work/night"
settled forty_settled "$work/forty"
settled single_settled "$work/single"
