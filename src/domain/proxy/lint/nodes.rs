//! Configurations that are written line by line, with blocks inside blocks.

use super::Unreadable;

/// Deeper than this no configuration goes.
const DEEPEST: usize = 40;

/// A directive: its words, and what is inside it if it opens a block.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub line: usize,
    pub words: Vec<String>,
    pub block: Option<Vec<Node>>,
}

impl Node {
    pub fn inside(&self) -> &[Self] {
        self.block.as_deref().unwrap_or_default()
    }

    pub fn as_written(&self) -> String {
        self.words.join(" ")
    }

    pub fn any(&self, test: &impl Fn(&Self) -> bool) -> bool {
        test(self) || self.inside().iter().any(|inner| inner.any(test))
    }
}

/// What a line is.
pub(super) enum Line {
    /// Nothing but blanks or a remark.
    Nothing,
    /// A directive of its own.
    Plain(Vec<String>),
    /// The head of a block.
    Opens(Vec<String>),
    /// The end of the block that was opened last.
    Closes,
}

/// What is said of a file without structure, in the proxy's own words.
pub(super) struct Complaints {
    pub stray: &'static str,
    pub unclosed: &'static str,
    pub deep: &'static str,
}

/// Puts lines together, as `read` understands them.
pub(super) fn nested(text: &str, read: impl Fn(&str) -> Line, said: &Complaints) -> Result<Vec<Node>, Unreadable> {
    let fail = |line, reason| Err(Unreadable { line, reason });
    let mut open: Vec<(usize, Vec<String>, Vec<Node>)> = Vec::new();
    let mut level: Vec<Node> = Vec::new();
    for (line, text) in (1..).zip(text.lines()) {
        match read(text) {
            Line::Nothing => {}
            Line::Plain(words) => level.push(Node {
                line,
                words,
                block: None,
            }),
            Line::Opens(_) if open.len() >= DEEPEST => return fail(line, said.deep),
            Line::Opens(words) => open.push((line, words, std::mem::take(&mut level))),
            Line::Closes => {
                let Some((at, words, around)) = open.pop() else {
                    return fail(line, said.stray);
                };
                let block = Some(std::mem::replace(&mut level, around));
                level.push(Node { line: at, words, block });
            }
        }
    }
    match open.pop() {
        None => Ok(level),
        Some((at, ..)) => fail(at, said.unclosed),
    }
}
