//! Whether the clients of a measurement can be its limit: their CPU time an
//! echo beside that of a bare client of epoll(7), which waits, reads and
//! writes and does nothing else, against the same bare server:
//! `cargo bench --bench load [-- --quick]`.

#![cfg_attr(
    target_os = "linux",
    expect(clippy::unwrap_used, reason = "a benchmark may fail as it stands")
)]

#[cfg(target_os = "linux")]
mod bare;
#[cfg(target_os = "linux")]
#[expect(dead_code, reason = "only the rounds are needed")]
mod harness;

#[cfg(not(target_os = "linux"))]
fn main() {
    println!("there is no epoll here to compare with");
}

#[cfg(target_os = "linux")]
fn main() {
    let effort = linux::effort();
    let server = bare::Server::start();
    for clients in [1, 10, 100, 1_000] {
        linux::compare_at(&effort, server.address, clients);
    }
}

#[cfg(target_os = "linux")]
mod linux {
    use crate::bare::{self, Manner};
    use crate::harness::{Effort, Variant, compare};
    use sockscope::load::steady::{Rhythm, Workload, run};
    use sockscope::system::cores::{allowed, bind_to_cores};
    use std::net::SocketAddr;
    use std::time::Duration;

    pub(crate) const SIZE: u32 = 128;

    pub(crate) fn effort() -> Effort {
        let _ = sockscope::system::descriptors::raise_limit();
        // The server has the last core to itself, if there are two.
        if let Some([first, .., last]) = allowed().as_deref() {
            bare::bind_server_to(*last);
            bind_to_cores(&[*first]).unwrap();
        }
        Effort::asked_for(31, Duration::from_millis(200))
    }

    pub(crate) fn compare_at(
        effort: &Effort,
        target: SocketAddr,
        clients: u32,
    ) {
        let time_ns = sockscope::units::nanoseconds(effort.sample);
        let load = Workload {
            clients,
            idle: 0,
            size_bytes: SIZE,
            pipeline: 1,
            pacing: Rhythm::Closed,
            warm_up_ns: time_ns / 10,
            time_ns,
        };
        let bare = |manner| {
            let load = load.clone();
            move || bare::cpu_us_per_echo(target, &load, manner)
        };
        let variants = vec![
            Variant::new("bare client", bare(Manner::Level)),
            Variant::new("bare, edge-triggered", bare(Manner::Edge)),
            Variant::new("steady load", || steady(target, &load)),
        ];
        let title = format!("{clients} clients of {SIZE} B, their CPU time");
        compare(&title, "us/echo", effort.rounds, variants);
    }

    fn steady(target: SocketAddr, load: &Workload) -> f64 {
        let (result, _connections) =
            run(target, load, &mut |_| Ok(())).unwrap();
        assert_eq!((result.connections_lost, result.mismatches), (0, 0));
        let cpu = Duration::from_nanos(result.cpu_ns.unwrap());
        let echoes = u32::try_from(result.echoes).unwrap();
        cpu.as_secs_f64() * 1e6 / f64::from(echoes)
    }
}
