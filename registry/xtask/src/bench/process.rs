//! What the kernel tells about a process and its children: processor time and memory.
//!
//! Servers that fork workers (nginx) are counted with them. Hazard: the times have ticks of 10 ms, so
//! that a sample must take some hundreds of them to mean something.

use std::fs;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use super::Result;

/// How often a watched process is looked at.
const LOOK: Duration = Duration::from_millis(20);

/// The process and its living children, theirs too.
pub(super) fn family(pid: u32) -> Vec<u32> {
    let mut found = vec![pid];
    let mut next = 0;
    while let Some(&parent) = found.get(next) {
        next += 1;
        found.extend(children(parent));
    }
    found
}

fn children(pid: u32) -> Vec<u32> {
    let Ok(threads) = fs::read_dir(format!("/proc/{pid}/task")) else {
        return Vec::new();
    };
    let lists = threads
        .flatten()
        .filter_map(|thread| fs::read_to_string(thread.path().join("children")).ok());
    lists
        .flat_map(|list| {
            list.split_whitespace()
                .filter_map(|pid| pid.parse().ok())
                .collect::<Vec<u32>>()
        })
        .collect()
}

/// Processor time used so far, user and system, in seconds.
pub(super) fn seconds(family: &[u32]) -> Result<f64> {
    let mut ticks = 0;
    for pid in family {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat"))
            .map_err(|error| format!("process {pid} has ended: {error}"))?;
        ticks += parse_ticks(&stat).ok_or_else(|| format!("cannot read the times of {pid}"))?;
    }
    #[expect(
        clippy::cast_precision_loss,
        reason = "ticks of one run are far below 2^52"
    )]
    Ok(ticks as f64 / rustix::param::clock_ticks_per_second() as f64)
}

/// `utime`, `stime`, and those of children that have ended: fields 14 to 17 of `/proc/PID/stat`. The
/// second field is a name in parentheses that may hold anything.
fn parse_ticks(stat: &str) -> Option<u64> {
    let (_, after_name) = stat.rsplit_once(')')?;
    let times = after_name.split_whitespace().skip(11).take(4);
    let times: Vec<u64> = times
        .map(str::parse)
        .collect::<std::result::Result<_, _>>()
        .ok()?;
    (times.len() == 4).then(|| times.iter().sum())
}

/// Anonymous memory in use, in bytes: what a process holds itself, without files that are mapped.
pub(super) fn anonymous(family: &[u32]) -> u64 {
    let of_one = |pid: &u32| {
        let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
        parse_anonymous(&status)
    };
    family.iter().filter_map(of_one).sum()
}

fn parse_anonymous(status: &str) -> Option<u64> {
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("RssAnon:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes * 1024)
}

/// The most anonymous memory that was seen while `work` ran, in bytes; and what `work` gave.
pub(super) fn peak<T>(family: &[u32], work: impl FnOnce() -> Result<T>) -> Result<(u64, T)> {
    let most = AtomicU64::new(anonymous(family));
    let done = AtomicBool::new(false);
    let outcome = thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                most.fetch_max(anonymous(family), Ordering::Relaxed);
                thread::sleep(LOOK);
            }
        });
        let outcome = work();
        done.store(true, Ordering::Relaxed);
        outcome
    })?;
    Ok((most.into_inner(), outcome))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_behind_a_name_with_parentheses_and_spaces() {
        let stat = "4711 (a) b (c) S 1 4711 4711 0 -1 4194560 92 0 0 0 150 25 7 3 20 0 1 0";
        assert_eq!(parse_ticks(stat), Some(150 + 25 + 7 + 3));
    }

    #[test]
    fn a_line_that_is_cut_off_gives_no_times() {
        assert_eq!(parse_ticks("1 (x) S 1 1 1 0 -1 0 0 0 0 0 1 2 3"), None);
        assert_eq!(parse_ticks(""), None);
    }

    #[test]
    fn anonymous_memory_is_in_bytes() {
        let status = "Name:\tx\nVmRSS:\t   900 kB\nRssAnon:\t     412 kB\nRssFile:\t 10 kB\n";
        assert_eq!(parse_anonymous(status), Some(412 * 1024));
        assert_eq!(parse_anonymous("Name:\tx\n"), None);
    }

    #[test]
    fn the_times_of_this_process_can_be_read() {
        let family = family(std::process::id());
        assert!(seconds(&family).unwrap() >= 0.0);
        assert!(anonymous(&family) > 0);
    }
}
