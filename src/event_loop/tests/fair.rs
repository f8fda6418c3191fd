//! A task that never has to wait, and the others.

use super::trial::{Trial, ms, yielding_after};
use crate::probe::SocketId;
use std::cell::Cell;
use std::rc::Rc;

/// A client that floods, and one that says one thing: after how many reads
/// of the flood that is read.
fn flood(calls_before_yield: Option<u32>) -> usize {
    let it = Trial::with(yielding_after(calls_before_yield), None);
    it.net.borrow_mut().bytes.insert(SocketId(1), 100);
    it.arrives(2, ms(0));
    let floods: Vec<_> = (0..100).map(|_| it.read(1)).collect();
    let (other, tasks) = (it.read(2), it.tasks.clone());
    let (count, before) = (Rc::new(Cell::new(0)), Rc::new(Cell::new(0)));
    let (counted, at) = (count.clone(), before.clone());
    it.spawn(async move {
        let flood = tasks.spawn(async move {
            for read in floods {
                read.await.unwrap();
                counted.update(|it| it + 1);
            }
        });
        let other = tasks.spawn(async move {
            other.await.unwrap();
            at.set(count.get());
        });
        flood.join().await.unwrap();
        other.join().await.unwrap();
    });
    it.run().unwrap();
    before.get()
}

#[test]
fn it_lets_them_run_after_so_many_calls() {
    assert_eq!([1, 16, 99].map(|most| flood(Some(most))), [1, 16, 99]);
}

#[test]
fn without_that_it_starves_them() {
    assert_eq!(flood(None), 100);
}
