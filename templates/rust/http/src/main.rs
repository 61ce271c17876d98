//! Answers GET with the path and POST with what was posted.
use std::env;
use std::io;

fn main() -> io::Result<()> {
    match variable("REQUEST_METHOD").as_str() {
        "GET" => println!("Content-Type: text/plain\n\nhello from {}", variable("PATH_INFO")),
        "POST" => {
            let content_type = env::var("CONTENT_TYPE").unwrap_or_else(|_| "text/plain".into());
            print!("Content-Type: {}\n\n", content_type);
            io::copy(&mut io::stdin(), &mut io::stdout())?;
        }
        _ => print!("Status: 405 Method Not Allowed\nAllow: GET, POST\n\n"),
    }
    Ok(())
}

fn variable(name: &str) -> String {
    env::var(name).unwrap_or_default()
}
