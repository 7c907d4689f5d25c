//! Words of the administration: overview.

table! {
    /// Words of one part of the administration, in one language.
    OverviewTexts {
        title: &'static str,
    }
}

/// English.
pub static EN: OverviewTexts = OverviewTexts { title: "Overview" };

/// French.
pub static FR: OverviewTexts = OverviewTexts {
    title: "Vue d’ensemble",
};
