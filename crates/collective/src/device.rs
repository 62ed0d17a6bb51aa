//! Through which network interface a rank speaks to the others.

use shoebox_launch::{Placement, Rendezvous};
use std::{
    env,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, ToSocketAddrs, UdpSocket},
};

/// What Gloo is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Device {
    /// Interfaces by name, with commas.
    Interfaces(String),
    /// The one that has this address.
    Address(IpAddr),
    /// What this machine's name stands for.
    OfName,
}

/// `GLOO_SOCKET_IFNAME` if it is set, else the way to the rendezvous. That is
/// better than this machine's name, which often stands for 127.0.1.1 and so for
/// an address at which other machines find nobody.
pub(crate) fn choose(placement: &Placement) -> Device {
    if let Some(names) = env::var("GLOO_SOCKET_IFNAME").ok().filter(|names| !names.is_empty()) {
        return Device::Interfaces(names);
    }
    match address_towards(&placement.rendezvous) {
        Some(address) if !address.is_loopback() || is_all_local(placement) => {
            Device::Address(address)
        }
        _ => Device::OfName,
    }
}

/// Whether the loopback interface reaches every rank.
fn is_all_local(placement: &Placement) -> bool {
    let host = &placement.rendezvous.host;
    let is_loopback = host.parse().is_ok_and(|address: IpAddr| address.is_loopback());
    placement.is_on_one_machine() || is_loopback || host == "localhost"
}

/// This machine's address on the way to the rendezvous. Nothing is sent:
/// connecting a UDP socket only asks the routing table.
fn address_towards(rendezvous: &Rendezvous) -> Option<IpAddr> {
    let there = (rendezvous.host.as_str(), rendezvous.port).to_socket_addrs().ok()?.next()?;
    let any: IpAddr = match there.ip() {
        IpAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
        IpAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
    };
    let socket = UdpSocket::bind((any, 0)).ok()?;
    socket.connect(there).ok()?;
    socket.local_addr().ok().map(|here| here.ip())
}

#[cfg(test)]
mod tests {
    use super::{Device, choose};
    use shoebox_launch::{Launcher, Placement, Rendezvous, Store};

    fn placement(host: &str, local_world_size: u32) -> Placement {
        let rendezvous = Rendezvous { host: host.to_owned(), port: 29500, store: Store::Rank0 };
        Placement {
            launcher: Launcher::Torchrun,
            rank: 0,
            world_size: 2,
            local_rank: 0,
            local_world_size: Some(local_world_size),
            rendezvous,
            attempt: 0,
        }
    }

    #[test]
    fn loopback_serves_local_ranks() {
        let loopback = Device::Address([127, 0, 0, 1].into());
        assert_eq!(choose(&placement("127.0.0.1", 2)), loopback);
        assert_eq!(choose(&placement("127.0.0.1", 1)), loopback);
    }

    #[test]
    fn a_host_without_an_address_leaves_the_choice_to_gloo() {
        assert_eq!(choose(&placement("no.such.host.invalid", 1)), Device::OfName);
    }
}
