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
    use sockscope::load::steady::{Rhythm, SteadyOptions, run};
    use sockscope::system::cores::{allowed, bind_to_cores};
    use std::net::SocketAddr;
    use std::time::Duration;

    pub(crate) const SIZE: usize = 128;

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
        let options = SteadyOptions {
            target,
            clients,
            idle: 0,
            size: SIZE,
            pipeline: 1,
            rhythm: Rhythm::Closed,
            warm_up: effort.sample / 10,
            time: effort.sample,
        };
        let bare = |manner| move || bare::cpu_us_per_echo(&options, manner);
        let variants = vec![
            Variant::new("bare client", bare(Manner::Level)),
            Variant::new("bare, edge-triggered", bare(Manner::Edge)),
            Variant::new("steady load", || steady(&options)),
        ];
        let title = format!("{clients} clients of {SIZE} B, their CPU time");
        compare(&title, "us/echo", effort.rounds, variants);
    }

    fn steady(options: &SteadyOptions) -> f64 {
        let (result, _connections) = run(options, &mut |_| Ok(())).unwrap();
        assert_eq!((result.connections_lost, result.mismatches), (0, 0));
        let cpu = Duration::from_nanos(result.cpu_ns.unwrap());
        let echoes = u32::try_from(result.echoes).unwrap();
        cpu.as_secs_f64() * 1e6 / f64::from(echoes)
    }
}
