//! Threads of the standard library, one a connection.

use std::io::{Read as _, Result, Write as _};
use std::net::{TcpListener, TcpStream};
use std::thread;

pub(crate) fn serve(listener: &TcpListener) -> Result<()> {
    loop {
        let (client, _) = listener.accept()?;
        thread::Builder::new().spawn(move || echo(client))?;
    }
}

fn echo(mut client: TcpStream) -> Result<()> {
    client.set_nodelay(true)?;
    let mut buffer = vec![0; super::READ_SIZE];
    loop {
        let count = client.read(&mut buffer)?;
        if count == 0 {
            return Ok(());
        }
        client.write_all(&buffer[..count])?;
    }
}
