//! Words of the administration: bans.

table! {
    /// Words of one part of the administration, in one language.
    BansTexts {
        title: &'static str,
    }
}

/// English.
pub static EN: BansTexts = BansTexts { title: "Bans" };

/// French.
pub static FR: BansTexts = BansTexts { title: "Bannissements" };
