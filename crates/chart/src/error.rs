/// Why a chart is not drawn. The text is a fact to follow the picture's path.
#[derive(Debug, thiserror::Error)]
pub enum ChartError {
    /// The drawing could not be turned into pixels.
    #[error("cannot draw the chart: {0}")]
    Render(String),
}
