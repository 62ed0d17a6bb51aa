//! Which rank an address belongs to. Gloo's errors tell addresses alone, of
//! connections whose ports nobody has chosen; so each rank tells the others the
//! addresses of its own.

use std::{
    collections::HashMap,
    fs,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
};

/// Ranks by address.
#[derive(Debug, Default)]
pub(crate) struct Peers(HashMap<SocketAddr, u32>);

impl Peers {
    /// From what [`own_addresses`] gave in each rank.
    pub fn new(addresses: &[Vec<u8>]) -> Self {
        let mut ranks = HashMap::new();
        for (rank, addresses) in (0..).zip(addresses) {
            let addresses = String::from_utf8_lossy(addresses);
            ranks.extend(addresses.lines().filter_map(|line| Some((line.parse().ok()?, rank))));
        }
        Self(ranks)
    }

    /// The rank that an engine's message complains of, by an address such as
    /// `[127.0.0.1]:4242` in it. Gloo (that of libtorch 2.13) prints a port in the
    /// network's byte order, so 4242 may stand for 37392.
    pub fn named_in(&self, message: &str) -> Option<u32> {
        let mut parts = message.split('[').skip(1);
        parts.find_map(|part| {
            let printed = address(part)?;
            let meant = SocketAddr::new(printed.ip(), u16::from_be(printed.port()));
            self.0.get(&meant).or_else(|| self.0.get(&printed)).copied()
        })
    }
}

/// `127.0.0.1]:4242 and more` as an address.
fn address(text: &str) -> Option<SocketAddr> {
    let (ip, rest) = text.split_once("]:")?;
    let port = rest.split(|letter: char| !letter.is_ascii_digit()).next()?;
    let ip: IpAddr = ip.parse().ok()?;
    Some(SocketAddr::new(ip.to_canonical(), port.parse().ok()?))
}

/// The addresses at which this process's TCP connections begin, one a line. On
/// Linux; elsewhere none, and errors go without a rank.
pub(crate) fn own_addresses() -> String {
    let own = own_sockets();
    let mut lines = String::new();
    for table in ["/proc/self/net/tcp", "/proc/self/net/tcp6"] {
        let table = fs::read_to_string(table).unwrap_or_default();
        for (address, inode) in table.lines().skip(1).filter_map(row) {
            if own.contains(&inode) {
                lines.push_str(&format!("{address}\n"));
            }
        }
    }
    lines
}

/// The inodes of this process's sockets, which `/proc/self/fd` shows as links
/// to `socket:[1234]`.
fn own_sockets() -> Vec<u64> {
    let Ok(descriptors) = fs::read_dir("/proc/self/fd") else { return Vec::new() };
    let links = descriptors.flatten().filter_map(|entry| fs::read_link(entry.path()).ok());
    let inode = |link: &str| link.strip_prefix("socket:[")?.strip_suffix(']')?.parse().ok();
    links.filter_map(|link| inode(link.to_str()?)).collect()
}

/// Local address and inode of a row of `/proc/self/net/tcp`.
fn row(line: &str) -> Option<(SocketAddr, u64)> {
    let columns: Vec<_> = line.split_whitespace().collect();
    let (ip, port) = columns.get(1)?.split_once(':')?;
    let ip = ip_address(ip)?.to_canonical();
    Some((SocketAddr::new(ip, u16::from_str_radix(port, 16).ok()?), columns.get(9)?.parse().ok()?))
}

/// The kernel prints an address as words of 32 bits in the machine's byte order.
fn ip_address(hex: &str) -> Option<IpAddr> {
    let mut bytes = Vec::new();
    for word in hex.as_bytes().chunks(8) {
        let word = u32::from_str_radix(std::str::from_utf8(word).ok()?, 16).ok()?;
        bytes.extend(word.to_ne_bytes());
    }
    match bytes.len() {
        4 => <[u8; 4]>::try_from(bytes).ok().map(|bytes| Ipv4Addr::from(bytes).into()),
        16 => <[u8; 16]>::try_from(bytes).ok().map(|bytes| Ipv6Addr::from(bytes).into()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{Peers, own_addresses};
    use std::net::{TcpListener, TcpStream};

    #[test]
    fn a_message_names_the_rank_that_has_the_address() {
        let peers = Peers::new(&[
            b"127.0.0.1:4242\n".to_vec(),
            b"10.0.0.2:4242\n[fe80::1]:17\n".to_vec(),
            Vec::new(),
        ]);
        for (message, rank) in [
            ("Connection closed by peer [127.0.0.1]:4242", Some(0)),
            ("[x.cc:5] Connection closed by peer [10.0.0.2]:4242, so", Some(1)),
            ("writev [::ffff:10.0.0.2]:4242: Broken pipe", Some(1)),
            ("read [fe80::1]:17: reset", Some(1)),
            (&format!("Read error [10.0.0.2]:{}: reset", 4242_u16.to_be()), Some(1)),
            ("Connection closed by peer [127.0.0.1]:4243", None),
            ("Timed out waiting 60000ms for recv operation to complete", None),
        ] {
            assert_eq!(peers.named_in(message), rank, "{message}");
        }
    }

    #[test]
    fn own_connections_are_found() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let stream = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let addresses = own_addresses();
        for address in [listener.local_addr().unwrap(), stream.local_addr().unwrap()] {
            assert!(addresses.lines().any(|line| line == address.to_string()), "{addresses}");
        }
    }
}
