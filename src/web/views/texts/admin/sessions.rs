//! Words of the administration: sessions.

table! {
    /// Words of one part of the administration, in one language.
    SessionsTexts {
        title: &'static str,
    }
}

/// English.
pub static EN: SessionsTexts = SessionsTexts { title: "Sessions" };

/// French.
pub static FR: SessionsTexts = SessionsTexts { title: "Sessions" };
