//! Words of the administration: settings.

table! {
    /// Words of one part of the administration, in one language.
    SettingsTexts {
        title: &'static str,
    }
}

/// English.
pub static EN: SettingsTexts = SettingsTexts { title: "Settings" };

/// French.
pub static FR: SettingsTexts = SettingsTexts { title: "Paramètres" };
