//! Pictures of another size, on the device that they are on.

use tch::{Kind, TchError, Tensor};

/// `images` `[B,H,W,3]` u8 as `[B,height,width,3]` u8, for `size` `[height,
/// width]`: bilinear over every pixel that an output pixel covers (PyTorch's
/// `interpolate` with `antialias`), rounded. The same tensor where nothing changes.
///
/// # Errors
/// What libtorch refuses, out of memory for instance.
pub fn resize_images(images: &Tensor, size: [i64; 2]) -> Result<Tensor, TchError> {
    if images.size()[1..3] == size {
        return Ok(images.shallow_clone());
    }
    let pixels = images.f_permute([0, 3, 1, 2])?.f_to_kind(Kind::Float)?;
    let resized = pixels.f_internal_upsample_bilinear2d_aa(size, false, None, None)?;
    let rounded = resized.f_round()?.f_clamp(0.0, 255.0)?.f_to_kind(Kind::Uint8)?;
    rounded.f_permute([0, 2, 3, 1])?.f_contiguous()
}
