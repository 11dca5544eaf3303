package evidence

import "net/netip"

// special4 returns the IPv4 blocks that are not global unicast (IANA's special-purpose registry, RFC 6890 and its
// updates), multicast and reserved space, and a cloud's metadata address that stands in public space.
func special4() []string {
	return []string{
		"0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
		"192.0.2.0/24",
		"192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24", "192.168.0.0/16", "192.175.48.0/24", "198.18.0.0/15",
		"198.51.100.0/24",
		"203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
		"168.63.129.16/32", // Azure: the host of a virtual machine
	}
}

// special6 returns the blocks inside 2000::/3, the only global unicast space that is given out (RFC 4291), that are
// not: protocol assignments with Teredo and benchmarking, documentation, 6to4, which reaches whatever IPv4 address it
// embeds.
func special6() []string {
	return []string{"2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20"}
}

// public reports whether an address is one of the public internet. An IPv4 address inside an IPv6 one, mapped or behind
// NAT64's well-known prefix (RFC 6052), is judged by itself; all other ways to embed one are refused.
func public(a netip.Addr) bool {
	if !a.IsValid() || a.Zone() != "" {
		return false
	}
	a = a.Unmap()
	if nat64 := netip.MustParsePrefix("64:ff9b::/96"); nat64.Contains(a) {
		b := a.As16()
		a = netip.AddrFrom4([4]byte(b[12:]))
	}
	blocks := special4()
	if a.Is6() {
		if !netip.MustParsePrefix("2000::/3").Contains(a) {
			return false
		}
		blocks = special6()
	}
	for _, block := range blocks {
		if netip.MustParsePrefix(block).Contains(a) {
			return false
		}
	}
	return true
}
