//! Words of the administration: audit.

table! {
    /// Words of one part of the administration, in one language.
    AuditTexts {
        title: &'static str,
    }
}

/// English.
pub static EN: AuditTexts = AuditTexts { title: "Audit log" };

/// French.
pub static FR: AuditTexts = AuditTexts {
    title: "Journal d’audit",
};
