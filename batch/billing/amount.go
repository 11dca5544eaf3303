package billing

// Amount holds what the calls of one endpoint and region cost in one currency. Floor counts the calls tagged PAY,
// Ceiling those in doubt as well. Both are decimal text; they are added up as decimals, never as floats.
type Amount struct {
	Endpoint, Region, Currency string
	Floor, Ceiling             string
}
