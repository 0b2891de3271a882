//! The load: requests one after the other, many connections at once, pulls; each loop has an end.

use std::net::SocketAddr;
use std::sync::Barrier;
use std::thread;
use std::time::Duration;

use super::Result;
use super::clock::{self, Deadline};
use super::http::Connection;
use super::peer::Server;

/// What some work took.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cost {
    /// Seconds by the clock.
    pub(super) elapsed: f64,
    /// Processor seconds of the server.
    pub(super) processor: f64,
}

/// Runs `work` and tells what it took the server.
pub(super) fn measure<T>(server: &Server, work: impl FnOnce() -> Result<T>) -> Result<(Cost, T)> {
    let before = server.seconds()?;
    let start = clock::now();
    let outcome = work()?;
    let elapsed = start.elapsed().as_secs_f64();
    let processor = server.seconds()? - before;
    Ok((Cost { elapsed, processor }, outcome))
}

/// An answer that is asked for again and again.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    pub(super) request: Vec<u8>,
    /// Whether the answer has a body.
    pub(super) body: bool,
}

impl Asked {
    pub(super) fn get(path: &str) -> Self {
        Self {
            request: super::http::request("GET", path),
            body: true,
        }
    }

    pub(super) fn head(path: &str) -> Self {
        Self {
            request: super::http::request("HEAD", path),
            body: false,
        }
    }

    pub(super) fn receive(&self, connection: &mut Connection) -> Result<()> {
        let head = connection.head()?;
        if head.status != 200 {
            return Err(format!("status {} instead of 200", head.status).into());
        }
        if self.body {
            connection.skip(head.length, |_| true)?;
        }
        Ok(())
    }
}

/// Asks over `connections` at once from one thread for `time`; gives the number of answers.
///
/// Each connection has one request under way, and none waits for another: the thread takes the answers
/// in turn, and a request follows on each answer. So the generator needs one core and no poll.
pub(super) fn sweep(
    address: SocketAddr,
    connections: usize,
    asked: &Asked,
    time: Duration,
) -> Result<u64> {
    let opened = (0..connections).map(|_| Connection::open(address));
    let mut opened: Vec<Connection> = opened.collect::<Result<_>>()?;
    let deadline = Deadline::after(time);
    for connection in &mut opened {
        connection.send(&asked.request)?;
    }
    let mut answers = 0;
    while !deadline.passed() {
        for connection in &mut opened {
            asked.receive(connection)?;
            connection.send(&asked.request)?;
            answers += 1;
        }
    }
    for connection in &mut opened {
        asked.receive(connection)?;
        answers += 1;
    }
    Ok(answers)
}

/// Runs `work` in `threads` threads that start together; each is given its number and a connection of
/// its own.
pub(super) fn in_parallel<T: Send>(
    address: SocketAddr,
    threads: usize,
    work: impl Fn(usize, Connection) -> Result<T> + Sync,
) -> Result<Vec<T>> {
    let opened = (0..threads).map(|_| Connection::open(address));
    let opened: Vec<Connection> = opened.collect::<Result<_>>()?;
    let barrier = Barrier::new(threads);
    thread::scope(|scope| {
        let one = |(number, connection)| {
            let (work, barrier) = (&work, &barrier);
            scope.spawn(move || {
                barrier.wait();
                work(number, connection)
            })
        };
        let running: Vec<_> = opened.into_iter().enumerate().map(one).collect();
        let joined = running.into_iter().map(|thread| {
            let outcome = thread.join();
            outcome.map_err(|_| "a thread of the load generator panicked")?
        });
        joined.collect()
    })
}

/// Pulls `path` `times` times over each of `connections`; gives the bytes received.
pub(super) fn pull(
    address: SocketAddr,
    path: &str,
    connections: usize,
    times: usize,
) -> Result<u64> {
    let request = super::http::request("GET", path);
    let received = in_parallel(address, connections, |_, mut connection| {
        let mut received = 0;
        for _ in 0..times {
            received += connection.exchange(&request, 200)?.length;
        }
        Ok(received)
    })?;
    Ok(received.into_iter().sum())
}

/// The value below which `share` of the sorted values lie; none of them has none.
pub(super) fn quantile(values: &mut [f64], share: f64) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a share of a length is a small number from 0"
    )]
    let at = (values.len() as f64 * share) as usize;
    values.get(at.min(values.len().checked_sub(1)?)).copied()
}

/// The middle value; of an even number, the mean of the two in the middle.
pub(super) fn median(values: &[f64]) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    let upper = *sorted.get(middle)?;
    if sorted.len() % 2 == 1 {
        return Some(upper);
    }
    Some(f64::midpoint(sorted[middle - 1], upper))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_median_does_not_care_for_order_or_outliers() {
        assert_eq!(median(&[9.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median(&[1000.0, 1.0, 2.0, 4.0]), Some(3.0));
        assert_eq!(median(&[5.0]), Some(5.0));
        assert_eq!(median(&[]), None);
    }

    #[test]
    fn a_quantile_is_one_of_the_values() {
        let mut values: Vec<f64> = (1..=100).rev().map(f64::from).collect();
        assert_eq!(quantile(&mut values, 0.5), Some(51.0));
        assert_eq!(quantile(&mut values, 0.99), Some(100.0));
        assert_eq!(quantile(&mut values, 1.0), Some(100.0));
        assert_eq!(quantile(&mut [], 0.5), None);
    }
}
