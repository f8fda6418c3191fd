//! Tasks: one thread, coroutines, asleep on all of their sockets at once.

use crate::event_loop::Tasks;
use crate::net::{Failure, Handles, Listener, Stream};
use crate::probe::Probe;
use std::io;

/// Serves each client in a task of its own, which no task joins.
pub async fn serve<P: Probe>(
    mut listener: Listener<P>,
    tasks: Tasks<P>,
) -> io::Result<()> {
    listener.set_nonblocking()?;
    let mut handles = Handles::new(&listener);
    // Paused here until a client connects.
    while let Some(mut client) = tasks.accept(&mut listener).await? {
        let own_tasks = tasks.clone();
        let work = async move {
            Failure::of(echo(&own_tasks, &mut client).await, client)
        };
        handles.take(tasks.spawn(work));
    }
    // Paused here until the last client is done or the grace period over.
    tasks.finish().await
}

/// Echoes until the client is done.
async fn echo<P: Probe>(
    tasks: &Tasks<P>,
    client: &mut Stream<P>,
) -> io::Result<()> {
    while !client.is_done() {
        // Paused here until the client sends something or ends its side.
        tasks.read(client).await?;
        // The handler fails here: on `boom`, or a line that is too long.
        while client.has_output()? {
            // Paused here while the client does not read.
            tasks.write(client).await?;
        }
    }
    Ok(())
}
