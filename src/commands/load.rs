//! `load`: the clients alone, against any echo server.

use super::output::print;
use super::summary;
use crate::cli::LoadArgs;
use crate::error::Error;
use crate::load::{self, Cancel, LoadOptions, LoadResult};
use crate::scenario;
use crate::system::{descriptors, signals};
use std::io::Read as _;
use std::thread;

/// Runs them to their end and prints what they measured.
pub(super) fn run(args: &LoadArgs) -> Result<u8, Error> {
    let plan = scenario::load(&args.scenario)
        .map_err(|error| Error::Scenario(error.to_string()))?;
    let cancel = Cancel::new();
    cancel_on_signal(&cancel)?;
    if args.hand_over {
        cancel_on_end_of_input(&cancel);
    }
    let _ = descriptors::raise_limit();
    let limit = plan.time_limit;
    let time_limit = args.duration.map_or(limit, |it| it.min(limit));
    let options = LoadOptions { time_limit };
    let result = load::run(args.target, &plan.groups, &options, &cancel)
        .map_err(Error::Load)?;
    if args.hand_over {
        hand_over(&result)?;
    } else {
        print(&format!("{:#?}\n", summary::clients(&result, true)))?;
    }
    Ok(0)
}

fn cancel_on_signal(cancel: &Cancel) -> Result<(), Error> {
    let cancel = cancel.clone();
    let what = "wait for signals";
    signals::receive(move |_| cancel.cancel())
        .map_err(|source| Error::System { what, source })
}

/// Whoever started this process ends it by closing its standard input.
fn cancel_on_end_of_input(cancel: &Cancel) {
    let cancel = cancel.clone();
    thread::spawn(move || {
        let _ = std::io::stdin().read_to_end(&mut Vec::new());
        cancel.cancel();
    });
}

fn hand_over(result: &LoadResult) -> Result<(), Error> {
    let text = serde_json::to_string(result).map_err(Error::HandOver)?;
    print(&text)
}
