//! What a reader must know about the machine and the programs of a run; no names of hosts, no paths.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::thread;

use super::tools;

/// The facts, each with its name. What cannot be found out is left out.
pub(super) fn collect(top: &Path, run: &str, peers: Option<String>) -> Vec<(&'static str, String)> {
    let facts = [
        ("run", Some(run.to_owned())),
        (
            "commit",
            said(top, "git", &["log", "-1", "--format=%h of %cs"]),
        ),
        ("peers", peers),
        ("compiler", said(top, "rustc", &["--version"])),
        ("processor", processor()),
        ("memory", memory()),
        (
            "kernel",
            first("/proc/sys/kernel/osrelease").map(|it| format!("Linux {it}")),
        ),
        ("file system", file_system(top)),
        (
            "load when it began",
            first("/proc/loadavg").and_then(|it| Some(it.split_once(' ')?.0.to_owned())),
        ),
    ];
    facts
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)))
        .collect()
}

/// The servers that a registry is compared with.
pub(super) fn peers() -> String {
    let nginx = Command::new(tools::NGINX).arg("-v").output();
    let nginx = nginx.ok().and_then(|output| {
        let text = String::from_utf8(output.stderr).ok()?;
        Some(text.trim().rsplit_once('/')?.1.to_owned())
    });
    let nginx = nginx.map_or_else(String::new, |version| format!(", nginx {version}"));
    format!("distribution {}{nginx}", tools::DISTRIBUTION)
}

/// What a command says, on one line.
fn said(top: &Path, program: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program)
        .args(arguments)
        .current_dir(top)
        .output()
        .ok()?;
    let text = String::from_utf8(output.stdout).ok()?.trim().to_owned();
    (output.status.success() && !text.is_empty()).then_some(text)
}

fn first(file: &str) -> Option<String> {
    Some(fs::read_to_string(file).ok()?.lines().next()?.to_owned())
}

fn processor() -> Option<String> {
    let text = fs::read_to_string("/proc/cpuinfo").ok()?;
    let line = text.lines().find(|line| line.starts_with("model name"))?;
    let cores = thread::available_parallelism().map_or(1, usize::from);
    Some(format!("{}, {cores} cores", line.split_once(':')?.1.trim()))
}

fn memory() -> Option<String> {
    Some(format!("{} GiB", memory_line("MemTotal:")? >> 20))
}

/// Bytes of memory that nothing uses, not even a cache; no more than a container may have in all.
pub(super) fn free_memory() -> Option<usize> {
    let free = memory_line("MemFree:")? << 10;
    let limit = first("/sys/fs/cgroup/memory.max").and_then(|limit| limit.parse().ok());
    Some(limit.unwrap_or(usize::MAX).min(free))
}

/// A line of the kernel's account of memory, in KiB.
fn memory_line(name: &str) -> Option<usize> {
    let text = fs::read_to_string("/proc/meminfo").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    line.split_whitespace().next()?.parse().ok()
}

fn file_system(place: &Path) -> Option<String> {
    let place = place.canonicalize().ok()?;
    kind(&fs::read_to_string("/proc/mounts").ok()?, &place)
}

/// The kind of the file system that `place` is on: that of the longest mount above it.
fn kind(mounts: &str, place: &Path) -> Option<String> {
    let fields = mounts.lines().filter_map(|line| {
        let mut fields = line.split_whitespace().skip(1);
        Some((fields.next()?, fields.next()?))
    });
    let above = fields.filter(|(mount, _)| place.starts_with(mount));
    above
        .max_by_key(|(mount, _)| mount.len())
        .map(|(_, kind)| kind.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_system_is_that_of_the_longest_mount() {
        let mounts = "/dev/a / ext4 rw 0 0\n/dev/b /srv xfs rw 0 0\nnone /srv/data tmpfs rw 0 0\n";
        let of = |place: &str| kind(mounts, Path::new(place));
        assert_eq!(of("/srv/data/x").as_deref(), Some("tmpfs"));
        assert_eq!(of("/srv/database").as_deref(), Some("xfs"));
        assert_eq!(of("/var").as_deref(), Some("ext4"));
        assert_eq!(kind("", Path::new("/")), None);
    }
}
