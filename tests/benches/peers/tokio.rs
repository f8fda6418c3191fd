//! tokio, on its runtime of one thread: a task a connection.

use std::io::Result;
use std::net::TcpListener;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

pub(crate) fn serve(listener: TcpListener) -> Result<()> {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_io().build()?;
    runtime.block_on(async {
        listener.set_nonblocking(true)?;
        let listener = tokio::net::TcpListener::from_std(listener)?;
        loop {
            let (client, _) = listener.accept().await?;
            tokio::spawn(echo(client));
        }
    })
}

async fn echo(mut client: TcpStream) -> Result<()> {
    client.set_nodelay(true)?;
    let mut buffer = vec![0; super::READ_SIZE];
    loop {
        let count = client.read(&mut buffer).await?;
        if count == 0 {
            return Ok(());
        }
        client.write_all(&buffer[..count]).await?;
    }
}
