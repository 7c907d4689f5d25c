//! Everything that was written, weakest source first: `settings.toml` and `secrets.env` in the data directory,
//! `librechat.yaml`, `librechat-auth.toml`, `.env`, systemd credentials, the environment, flags.

use std::collections::BTreeMap;
use std::fs;
use std::io::{ErrorKind, Read as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use super::data_dir::{SECRETS_FILE, SETTINGS_FILE, WRITABLE, is_generated};
use super::dotenv;
use super::files::{self, Entry};
use super::inputs::Inputs;
use super::problem::{Findings, Place};
use super::setting::{OWN_PREFIX, SETTINGS, Setting, by_env, by_key, nearest_env, nearest_key};
use super::unbuilt;
use super::value::{Given, Raw, Value};

/// A larger file is no configuration.
const MOST_BYTES: u64 = 4 << 20;

/// The variables of `.env` and the process.
pub type Variables = BTreeMap<String, Given>;

/// What all sources say.
pub struct Written {
    /// What was written for settings, weakest first.
    pub entries: Vec<Entry>,
    /// Every variable, settings or not.
    pub variables: Variables,
    /// The data directory that follows.
    pub data_dir: PathBuf,
    /// The `librechat-auth.toml` that was read.
    pub file: Option<PathBuf>,
}

/// Reads all sources.
pub fn read(inputs: &Inputs, findings: &mut Findings) -> Written {
    let mut reader = Reader { inputs, findings };
    let dotenv = reader.dotenv();
    let environment = environment(inputs);
    let mut variables = dotenv.clone();
    variables.extend(environment.clone());
    reader.contradictions(&variables);
    let config_yaml = reader.config_yaml();

    let (file, toml) = reader.toml();
    let dotenv = reader.settings_of(&dotenv);
    let credentials = reader.credentials();
    let environment = reader.settings_of(&environment);
    let flags = reader.flags();

    let mut entries: Vec<Entry> = state_directory(inputs).into_iter().collect();
    let stronger = [toml, dotenv, credentials, environment, flags].concat();
    let data_dir = inputs.resolve(data_dir(entries.iter().chain(&stronger)));
    entries.extend(reader.settings_toml(&data_dir));
    entries.extend(reader.secrets_env(&data_dir));
    entries.extend(config_yaml);
    entries.extend(reader.librechat_yaml(&variables));
    entries.extend(stronger);
    Written {
        entries,
        variables,
        data_dir,
        file,
    }
}

fn environment(inputs: &Inputs) -> Variables {
    let given = |name: &str, value: &str| Given {
        place: Place::new("environment"),
        name: name.to_owned(),
        raw: Raw::Environment(value.to_owned()),
    };
    let variables = inputs.environment.iter();
    variables
        .map(|(name, value)| (name.clone(), given(name, value)))
        .collect()
}

/// systemd's `StateDirectory=`; of several the first.
fn state_directory(inputs: &Inputs) -> Option<Entry> {
    let folder = inputs.variable("STATE_DIRECTORY")?.split(':').next()?;
    let given = Given {
        place: Place::new("environment"),
        name: "STATE_DIRECTORY".into(),
        raw: Raw::Text(folder.to_owned()),
    };
    Some((by_key("data_dir")?, given))
}

/// What the strongest source says about the data directory.
fn data_dir<'e>(entries: impl DoubleEndedIterator<Item = &'e Entry>) -> String {
    entries
        .rev()
        .filter(|(setting, _)| setting.key == "data_dir")
        .find_map(
            |(setting, given)| match super::reading::read(setting, &given.raw).ok()?.value? {
                Value::Text(folder) => Some(folder),
                _ => None,
            },
        )
        .or_else(|| by_key("data_dir").map(|setting| setting.default.to_owned()))
        .unwrap_or_default()
}

struct Reader<'r> {
    inputs: &'r Inputs,
    findings: &'r mut Findings,
}

impl Reader<'_> {
    /// The text of a file; `None` if it is absent and nobody asked for it by name, or after reporting why not.
    fn text(&mut self, path: &Path, is_named: bool) -> Option<String> {
        match bounded(path) {
            Ok(text) => Some(text),
            Err(error) if is_absent(&error) && !is_named => None,
            Err(error) => {
                let place = Place::new(self.shown(path));
                self.findings.error(&place, "", format!("cannot be read: {error}"));
                None
            }
        }
    }

    /// A path as it is shown: short inside the working directory.
    fn shown(&self, path: &Path) -> String {
        let path = path.strip_prefix(&self.inputs.working_dir).unwrap_or(path);
        path.display().to_string()
    }

    fn dotenv(&mut self) -> Variables {
        let path = self
            .inputs
            .resolve(self.inputs.env_file.as_deref().unwrap_or(Path::new(".env")));
        let Some(text) = self.text(&path, self.inputs.env_file.is_some()) else {
            return Variables::new();
        };
        let source = self.shown(&path);
        let mut variables = Variables::new();
        for line in dotenv::parse(&text) {
            let place = Place::line(&source, line.line);
            let is_ours = by_env(&line.name).is_some() || unbuilt::is_known(&line.name);
            if line.is_cut && is_ours {
                let message = "is cut at the #, which starts a comment; put the value in quotes if the # belongs to it";
                self.findings.warning(&place, &line.name, message);
            }
            let given = Given {
                place: place.clone(),
                name: line.name.clone(),
                raw: Raw::Environment(line.value),
            };
            let earlier = variables.insert(line.name.clone(), given);
            if let Some(earlier) = earlier.filter(|_| is_ours) {
                let message = format!("is set twice; this line counts, not {}", earlier.place);
                self.findings.warning(&place, &line.name, message);
            }
        }
        variables
    }

    /// Two names or two ways for one setting.
    fn contradictions(&mut self, variables: &Variables) {
        let set = |name: &str| {
            let given = variables.get(name)?;
            let text = given.raw.text().trim().to_lowercase();
            (!text.is_empty()).then_some((given, text))
        };
        for setting in SETTINGS.iter() {
            if let Some(alias) = setting.alias
                && let (Some((_, first)), Some((given, second))) = (set(setting.env), set(alias))
                && first != second
            {
                let message = format!(
                    "is another name of {}, which says something else; keep one of them",
                    setting.env
                );
                self.findings.error(&given.place, alias, message);
            }
            let file = format!("{}_FILE", setting.env);
            if let (true, Some(_), Some((given, _))) = (setting.is_secret(), set(setting.env), set(&file)) {
                let message = format!("is set and {} too; keep one of them", setting.env);
                self.findings.error(&given.place, file, message);
            }
        }
    }

    /// The settings among variables; misspelt ones are pointed out, strangers are none of our business.
    fn settings_of(&mut self, variables: &Variables) -> Vec<Entry> {
        let mut entries = Vec::new();
        for (name, given) in variables {
            if let Some(setting) = by_env(name) {
                entries.push((setting, given.clone()));
            } else if let Some(setting) = secret_file(name) {
                entries.extend(self.secret_from_file(setting, given));
            } else if !unbuilt::is_known(name) {
                self.misspelt(name, given);
            }
        }
        entries
    }

    fn misspelt(&mut self, name: &str, given: &Given) {
        let message = match nearest_env(name) {
            Some(meant) => format!("is no setting; did you mean {meant}?"),
            None if name.starts_with(OWN_PREFIX) => "is no setting of this version".to_owned(),
            None => return,
        };
        self.findings.warning(&given.place, name, message);
    }

    fn secret_from_file(&mut self, setting: &'static Setting, given: &Given) -> Option<Entry> {
        let path = given.raw.text();
        if path.trim().is_empty() {
            return None;
        }
        match bounded(&self.inputs.resolve(path.trim())) {
            Ok(text) if !text.trim().is_empty() => {
                let raw = Raw::Text(without_newline(&text).to_owned());
                Some((setting, Given { raw, ..given.clone() }))
            }
            Ok(_) => {
                let message = format!("names the file {path}, which is empty");
                self.findings.error(&given.place, &given.name, message);
                None
            }
            Err(error) => {
                let message = format!("names the file {path}, which cannot be read: {error}");
                self.findings.error(&given.place, &given.name, message);
                None
            }
        }
    }

    /// systemd's `LoadCredential=`: files named like the secret, in capitals or not.
    fn credentials(&mut self) -> Vec<Entry> {
        let Some(folder) = self.inputs.variable("CREDENTIALS_DIRECTORY") else {
            return Vec::new();
        };
        let folder = self.inputs.resolve(folder);
        let mut entries = Vec::new();
        for setting in SETTINGS.iter().filter(|setting| setting.is_secret()) {
            let names = [setting.env.to_owned(), setting.env.to_lowercase()];
            let found = names.iter().find_map(|name| self.text(&folder.join(name), false));
            entries.extend(found.map(|text| {
                let given = Given {
                    place: Place::new("systemd credential"),
                    name: setting.env.to_owned(),
                    raw: Raw::Text(without_newline(&text).to_owned()),
                };
                (setting, given)
            }));
        }
        entries
    }

    fn toml(&mut self) -> (Option<PathBuf>, Vec<Entry>) {
        let named = self.inputs.config_file.as_deref();
        let path = self.inputs.resolve(named.unwrap_or(Path::new("librechat-auth.toml")));
        let Some(text) = self.text(&path, named.is_some()) else {
            return (None, Vec::new());
        };
        let entries = files::read_toml(&text, &self.shown(&path), self.findings);
        (Some(path), entries)
    }

    fn settings_toml(&mut self, data_dir: &Path) -> Vec<Entry> {
        let path = data_dir.join(SETTINGS_FILE);
        let Some(text) = self.text(&path, false) else {
            return Vec::new();
        };
        let mut entries = files::read_toml(&text, &self.shown(&path), self.findings);
        entries.retain(|(setting, given)| {
            let is_writable = WRITABLE.contains(&setting.key);
            if !is_writable {
                let message = "is not one of the settings kept here; write it in librechat-auth.toml";
                self.findings.error(&given.place, setting.key, message);
            }
            is_writable
        });
        entries
    }

    fn secrets_env(&mut self, data_dir: &Path) -> Vec<Entry> {
        let path = data_dir.join(SECRETS_FILE);
        let Some(text) = self.text(&path, false) else {
            return Vec::new();
        };
        let source = self.shown(&path);
        let mode = fs::metadata(&path).map_or(0, |file| file.permissions().mode());
        if mode & 0o077 != 0 {
            let message = format!("can be read by other users; run: chmod 600 {source}");
            self.findings.warning(&Place::new(&source), "", message);
        }
        dotenv::parse(&text)
            .into_iter()
            .filter_map(|line| {
                let setting = by_env(&line.name).filter(|setting| is_generated(setting))?;
                let given = Given {
                    place: Place::line(&source, line.line),
                    name: line.name,
                    raw: Raw::Text(line.value),
                };
                Some((setting, given))
            })
            .collect()
    }

    fn librechat_yaml(&mut self, variables: &Variables) -> Vec<Entry> {
        let named = variables.get("CONFIG_PATH").map(|given| (given, given.raw.text()));
        let named = named.filter(|(_, path)| !path.trim().is_empty());
        if let Some((given, path)) = &named
            && (path.starts_with("http://") || path.starts_with("https://"))
        {
            let message = "is an address; librechat.yaml is read from files only";
            self.findings.warning(&given.place, "CONFIG_PATH", message);
            return Vec::new();
        }
        let path = named.as_ref().map_or("librechat.yaml", |(_, path)| path.trim());
        let path = self.inputs.resolve(path);
        let Some(text) = self.text(&path, named.is_some()) else {
            return Vec::new();
        };
        files::read_librechat_yaml(&text, &self.shown(&path), self.findings)
    }

    fn config_yaml(&mut self) -> Option<Entry> {
        let path = self.inputs.resolve("config.yaml");
        let text = self.text(&path, false)?;
        files::read_config_yaml(&text, &self.shown(&path), self.findings)
    }

    fn flags(&mut self) -> Vec<Entry> {
        let place = Place::new("command line");
        let mut entries = Vec::new();
        for (key, value) in &self.inputs.flags {
            if let Some(setting) = by_key(key) {
                let given = Given {
                    place: place.clone(),
                    name: key.clone(),
                    raw: Raw::Text(value.clone()),
                };
                entries.push((setting, given));
            } else {
                let meant = nearest_key(key).map_or(String::new(), |meant| format!("; did you mean {meant}?"));
                self.findings.error(&place, key, format!("unknown setting{meant}"));
            }
        }
        entries
    }
}

/// The secret whose file this variable names: `JWT_SECRET_FILE`.
fn secret_file(name: &str) -> Option<&'static Setting> {
    by_env(name.strip_suffix("_FILE")?).filter(|setting| setting.is_secret())
}

fn without_newline(text: &str) -> &str {
    let text = text.strip_suffix('\n').unwrap_or(text);
    text.strip_suffix('\r').unwrap_or(text)
}

fn is_absent(error: &std::io::Error) -> bool {
    matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory)
}

fn bounded(path: &Path) -> std::io::Result<String> {
    let mut text = String::new();
    let file = fs::File::open(path)?;
    file.take(MOST_BYTES + 1).read_to_string(&mut text)?;
    if text.len() as u64 > MOST_BYTES {
        return Err(std::io::Error::other("it is larger than 4 MiB"));
    }
    Ok(text)
}
