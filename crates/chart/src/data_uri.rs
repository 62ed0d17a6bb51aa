use base64::{Engine, engine::general_purpose::STANDARD};

/// `bytes` as a `data:` URI (RFC 2397).
pub fn data_uri(media_type: &str, bytes: &[u8]) -> String {
    format!("data:{media_type};base64,{}", STANDARD.encode(bytes))
}

#[cfg(test)]
mod tests {
    use super::data_uri;

    #[test]
    fn a_data_uri_is_base64() {
        assert_eq!(data_uri("image/png", b"abc"), "data:image/png;base64,YWJj");
    }
}
