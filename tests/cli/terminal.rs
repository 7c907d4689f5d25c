//! A person at a terminal: the program runs on a pseudo-terminal, and the test reads and types.

use std::ffi::OsStr;
use std::fs::{File, OpenOptions};
use std::io::{Read as _, Write as _};
use std::os::unix::ffi::OsStrExt as _;
use std::process::{Child, Command};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{LocalModes, Winsize, tcgetattr, tcsetwinsize};

/// Longer than any answer takes; a test that waits so long has failed.
const PATIENCE: Duration = Duration::from_secs(30);

/// The program and what has appeared on its terminal.
pub struct Terminal {
    child: Child,
    keyboard: File,
    screen: Arc<(Mutex<Screen>, Condvar)>,
    /// How much of the screen has been looked at.
    read: usize,
}

#[derive(Default)]
struct Screen {
    text: String,
    is_closed: bool,
}

impl Terminal {
    /// Starts the program with standard input and error on a terminal of so many columns, and output unless `command`
    /// was given another one by `redirect`.
    pub fn start(mut command: Command, columns: u16, redirect: Option<File>) -> Self {
        let keyboard = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC).expect("a terminal");
        grantpt(&keyboard).expect("granted");
        unlockpt(&keyboard).expect("unlocked");
        let size = Winsize {
            ws_row: 24,
            ws_col: columns,
            ws_xpixel: 0,
            ws_ypixel: 0,
        };
        tcsetwinsize(&keyboard, size).expect("sized");
        let name = ptsname(&keyboard, Vec::new()).expect("a name");
        let line = OpenOptions::new()
            .read(true)
            .write(true)
            .open(OsStr::from_bytes(name.as_bytes()))
            .expect("the other end");
        let another = || line.try_clone().expect("another handle");
        let child = command
            .stdin(another())
            .stderr(another())
            .stdout(redirect.unwrap_or_else(another))
            .spawn()
            .expect("the program starts");
        let keyboard = File::from(keyboard);
        let screen = Arc::default();
        watch(keyboard.try_clone().expect("another handle"), Arc::clone(&screen));
        Self {
            child,
            keyboard,
            screen,
            read: 0,
        }
    }

    /// Waits until this text appears after what was read before.
    #[track_caller]
    pub fn expect(&mut self, text: &str) -> &mut Self {
        let (screen, changed) = &*self.screen;
        let waiting = |screen: &mut Screen| !screen.is_closed && !screen.text[self.read..].contains(text);
        let guard = screen.lock().expect("no reader panics");
        let (guard, _) = changed
            .wait_timeout_while(guard, PATIENCE, waiting)
            .expect("no reader panics");
        let found = guard.text[self.read..].find(text);
        let Some(at) = found else {
            panic!("{text:?} is not in {:?}", &guard.text[self.read..]);
        };
        self.read += at + text.len();
        drop(guard);
        self
    }

    /// Waits until the terminal does not show what is typed.
    #[track_caller]
    pub fn expect_hiding(&mut self) -> &mut Self {
        let start = Instant::now();
        while shows_typing(&self.keyboard) {
            assert!(start.elapsed() < PATIENCE, "the terminal still shows what is typed");
            thread::yield_now();
        }
        self
    }

    /// Types a line.
    pub fn type_line(&mut self, line: &str) -> &mut Self {
        self.type_keys(&format!("{line}\n"))
    }

    /// Types without the return key.
    pub fn type_keys(&mut self, keys: &str) -> &mut Self {
        self.keyboard.write_all(keys.as_bytes()).expect("typed");
        self
    }

    /// Waits for the end; answers with the exit code and everything that was on the screen.
    pub fn end(mut self) -> (Option<i32>, String) {
        let status = self.child.wait().expect("it ends");
        let (screen, changed) = &*self.screen;
        let guard = screen.lock().expect("no reader panics");
        let (guard, _) = changed
            .wait_timeout_while(guard, PATIENCE, |screen| !screen.is_closed)
            .expect("no reader panics");
        (status.code(), guard.text.clone())
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // It has ended already unless the test failed.
        let _ended = self.child.kill();
        let _status = self.child.wait();
    }
}

fn shows_typing(terminal: &File) -> bool {
    tcgetattr(terminal)
        .expect("a terminal")
        .local_modes
        .contains(LocalModes::ECHO)
}

fn watch(mut terminal: File, screen: Arc<(Mutex<Screen>, Condvar)>) {
    thread::spawn(move || {
        let (screen, changed) = &*screen;
        let mut pending = Vec::new();
        let mut bytes = [0; 4096];
        // When the last program leaves the terminal, reading fails: that is how it ends.
        while let Ok(count @ 1..) = terminal.read(&mut bytes) {
            pending.extend_from_slice(&bytes[..count]);
            let whole = match std::str::from_utf8(&pending) {
                Ok(text) => text.len(),
                Err(error) => error.valid_up_to(),
            };
            let rest = pending.split_off(whole);
            let text = String::from_utf8(std::mem::replace(&mut pending, rest)).expect("checked");
            screen.lock().expect("no test panics here").text.push_str(&text);
            changed.notify_all();
        }
        screen.lock().expect("no test panics here").is_closed = true;
        changed.notify_all();
    });
}
