//! A task that never has to wait, and the others.

use super::trial::{Trial, ms};
use crate::net::Settings;
use crate::probe::SocketId;

/// A client that floods, and one that says one thing: what they are told.
fn flood(calls_before_yield: Option<u32>) -> Vec<String> {
    let settings = Settings { calls_before_yield, ..Settings::default() };
    let it = Trial::with(&settings, None);
    it.net.borrow_mut().bytes.insert(SocketId(1), 100);
    it.arrives(2, ms(0));
    let floods: Vec<_> = (0..100).map(|_| it.read(1)).collect();
    let (other, tasks) = (it.read(2), it.tasks.clone());
    let write = it.writer();
    it.spawn(async move {
        let told = write.clone();
        let flood = tasks.spawn(async move {
            for (n, read) in floods.into_iter().enumerate() {
                read.await.unwrap();
                if n % 20 == 19 {
                    told(&format!("{} of the flood", n + 1));
                }
            }
        });
        tasks.spawn(async move {
            other.await.unwrap();
            write("the other");
        });
        flood.join().await.unwrap();
        tasks.sleep(ms(1)).await.unwrap();
    });
    it.run().unwrap();
    let lines = it.lines().into_iter();
    lines.map(|line| line.trim_start_matches("0 ").to_string()).collect()
}

#[test]
fn it_lets_them_run_after_so_many_calls() {
    let lines = flood(Some(30));
    let first = ["20 of the flood", "the other", "40 of the flood"];
    assert_eq!(lines[..3], first);
    assert_eq!(lines.len(), 6);
}

#[test]
fn without_that_it_starves_them() {
    let lines = flood(None);
    assert_eq!(lines[4..], ["100 of the flood", "the other"]);
}
