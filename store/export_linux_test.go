package store

// NetworkOf is the network file system of a number that statfs(2) gives, "" for a local one.
func NetworkOf(kind uint32) string { return networks[kind] }
