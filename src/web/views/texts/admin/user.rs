//! Words of the administration: user.

table! {
    /// Words of one part of the administration, in one language.
    UserTexts {
        title: &'static str,
    }
}

/// English.
pub static EN: UserTexts = UserTexts { title: "Account" };

/// French.
pub static FR: UserTexts = UserTexts { title: "Compte" };
