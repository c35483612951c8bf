//! The yardstick: an actix handler that answers 204 and does nothing else, with
//! the server set up as Gatelodge's is. Says its address on standard output.

#![expect(
    clippy::print_stdout,
    reason = "the address goes to the script that started it"
)]

use std::net::TcpListener;

use actix_web::{App, HttpResponse, HttpServer, web};

#[actix_web::main]
async fn main() -> std::io::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    println!("listens on http://{}", listener.local_addr()?);
    let answer = async || HttpResponse::NoContent().finish();
    HttpServer::new(move || App::new().route("/forward-auth", web::route().to(answer)))
        .listen(listener)?
        .run()
        .await
}
