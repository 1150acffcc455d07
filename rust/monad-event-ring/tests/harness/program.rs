//! Runs the examples of a crate as processes. Included by the tests of both crates that do.

use std::{
    io::{BufRead, BufReader, Read},
    path::{Path, PathBuf},
    process::{Child, ChildStdout, Command, Output, Stdio},
    sync::OnceLock,
};

/// A built example, ready to be given arguments.
pub fn program(name: &str) -> Command {
    Command::new(examples().join(name))
}

/// The directory of the examples of this crate, which are built first.
fn examples() -> &'static Path {
    static EXAMPLES: OnceLock<PathBuf> = OnceLock::new();
    EXAMPLES.get_or_init(|| {
        let test = std::env::current_exe().unwrap();
        let profile = test.parent().unwrap().parent().unwrap();
        let mut build = Command::new(env!("CARGO"));
        build
            .args([
                "build",
                "--quiet",
                "--locked",
                "--examples",
                "--manifest-path",
            ])
            .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"))
            .arg("--target-dir")
            .arg(profile.parent().unwrap())
            // Flags of the tests, as of a sanitizer, would reach procedural macros, as no target is named here.
            .env_remove("RUSTFLAGS");
        if profile.ends_with("release") {
            build.arg("--release");
        }
        assert!(build.status().unwrap().success(), "{build:?}");
        profile.join("examples")
    })
}

/// What a program that ends by itself printed and how it ended.
pub fn output(command: &mut Command) -> (String, Output) {
    let output = command.output().unwrap();
    (String::from_utf8(output.stdout.clone()).unwrap(), output)
}

/// A running example; it is ended with the test.
pub struct Running {
    process: Child,
    lines: Option<BufReader<ChildStdout>>,
}

impl Running {
    pub fn start(command: &mut Command) -> Self {
        let mut process = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = process.stdout.take().map(BufReader::new);
        Self { process, lines }
    }

    /// The next line; waits for it.
    pub fn line(&mut self) -> String {
        let mut line = String::new();
        self.lines.as_mut().unwrap().read_line(&mut line).unwrap();
        assert!(line.ends_with('\n'), "the program ended after {line:?}");
        line.trim_end().into()
    }

    /// Lines up to one that contains `text`, with that one.
    pub fn lines_until(&mut self, text: &str) -> Vec<String> {
        let mut lines = vec![self.line()];
        while !lines[lines.len() - 1].contains(text) {
            lines.push(self.line());
        }
        lines
    }

    /// Sends a signal by its name.
    pub fn signal(&self, name: &str) {
        let kill = format!("kill -{name} {}", self.process.id());
        let status = Command::new("sh").args(["-c", &kill]).status().unwrap();
        assert!(status.success());
    }

    /// Nobody reads the output from here on; how the program ends, and what it says of it.
    pub fn close_output(mut self) -> (Option<i32>, String) {
        self.lines = None;
        self.end()
    }

    /// Waits for the end: the exit code and the error output.
    pub fn end(mut self) -> (Option<i32>, String) {
        let code = self.process.wait().unwrap().code();
        let mut errors = String::new();
        let mut stderr = self.process.stderr.take().unwrap();
        stderr.read_to_string(&mut errors).unwrap();
        (code, errors)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
