//! What a network says of pictures, seen once or in several views.

use crate::{
    network::{Mode, Network},
    resize::resize_images,
};
use shoebox_spec::Tta;
use tch::{Kind, TchError, Tensor, no_grad};

impl Network {
    /// The logarithms of the class probabilities `[B,K]` f32 of `images`
    /// `[B,H,W,3]` u8, dropout off: of the mean probabilities over the views
    /// of `tta`.
    ///
    /// # Errors
    /// What libtorch refuses, out of memory for instance.
    pub fn log_probabilities(&self, images: &Tensor, tta: Tta) -> Result<Tensor, TchError> {
        no_grad(|| {
            let images = images.f_to_device(self.device())?;
            let each = views(tta).map(|view| {
                let logits = self.forward(&view.of(&images)?, Mode::Evaluate)?;
                // In f64, so that a mean of one view is that view.
                logits.f_log_softmax(-1, Kind::Double)
            });
            let each = each.collect::<Result<Vec<_>, TchError>>()?;
            let mean = match &each[..] {
                [one] => one.shallow_clone(),
                // ln of the mean of exp, without leaving the logarithms.
                many => {
                    let sum = Tensor::f_stack(many, 0)?.f_logsumexp([0i64], false)?;
                    sum.f_sub_scalar((many.len() as f64).ln())?
                }
            };
            mean.f_to_kind(Kind::Float)
        })
    }
}

/// A way to look at a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct View {
    /// Where its part lies, from top and from left: 0 at the beginning, 1 in
    /// the middle, 2 at the end. The whole picture where there is none.
    part: Option<[i64; 2]>,
    mirrored: bool,
}

/// Top left, top right, centre, bottom left, bottom right.
const CORNERS_AND_CENTRE: [[i64; 2]; 5] = [[0, 0], [0, 2], [1, 1], [2, 0], [2, 2]];

/// The views of `tta`, the unmirrored ones first.
fn views(tta: Tta) -> impl Iterator<Item = View> {
    let parts: Vec<Option<[i64; 2]>> = match tta {
        Tta::None | Tta::Flip => vec![None],
        Tta::TenCrop => CORNERS_AND_CENTRE.map(Some).into(),
    };
    let mirrors: &[bool] = if tta.is_none() { &[false] } else { &[false, true] };
    mirrors.iter().flat_map(move |&mirrored| {
        parts.clone().into_iter().map(move |part| View { part, mirrored })
    })
}

impl View {
    /// This view of `images` `[B,H,W,3]` u8, in their size.
    fn of(self, images: &Tensor) -> Result<Tensor, TchError> {
        let [height, width] = [images.size()[1], images.size()[2]];
        let part = match self.part {
            None => images.shallow_clone(),
            Some([top, left]) => {
                let [rows, columns] = [height, width].map(|side| (side * 7 / 8).max(1));
                let part = images.f_narrow(1, (height - rows) * top / 2, rows)?;
                let part = part.f_narrow(2, (width - columns) * left / 2, columns)?;
                resize_images(&part, [height, width])?
            }
        };
        if self.mirrored { part.f_flip([2]) } else { Ok(part) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tch::Device;

    fn pictures(size: [i64; 2]) -> Tensor {
        let shape = [2, size[0], size[1], 3];
        Tensor::randint(256, shape, (Kind::Uint8, Device::Cpu))
    }

    #[test]
    fn a_mirror_image_of_a_mirror_image_is_the_picture() {
        let images = pictures([5, 4]);
        let mirror = View { part: None, mirrored: true };
        let mirrored = mirror.of(&images).unwrap();
        assert!(mirrored.select(2, 0).equal(&images.select(2, 3)));
        assert!(mirror.of(&mirrored).unwrap().equal(&images));
    }

    #[test]
    fn ten_crop_looks_at_five_places_and_their_mirror_images() {
        let ten: Vec<View> = views(Tta::TenCrop).collect();
        assert_eq!(ten.len(), 10);
        assert_eq!([Tta::None, Tta::Flip].map(|tta| views(tta).count()), [1, 2]);
        let images = pictures([16, 24]);
        for (number, view) in ten.iter().enumerate() {
            let seen = view.of(&images).unwrap();
            assert_eq!(seen.size(), images.size());
            let again = ten.iter().position(|other| other == view).unwrap();
            assert_eq!(again, number, "no view comes twice");
        }
        // 14 of 16 rows and 21 of 24 columns, from their own corner.
        let part = images.narrow(1, 2, 14).narrow(2, 3, 21);
        let wanted = resize_images(&part, [16, 24]).unwrap();
        assert!(ten[4].of(&images).unwrap().equal(&wanted));
    }

    #[test]
    fn a_picture_of_one_colour_keeps_it_in_every_view_and_size() {
        let images = Tensor::full([1, 9, 7, 3], 77, (Kind::Uint8, Device::Cpu));
        for view in views(Tta::TenCrop) {
            assert!(view.of(&images).unwrap().equal(&images));
        }
        let small = resize_images(&images, [3, 4]).unwrap();
        assert_eq!(small.size(), [1, 3, 4, 3]);
        assert_eq!((small.min().int64_value(&[]), small.max().int64_value(&[])), (77, 77));
    }

    #[test]
    fn shrinking_by_two_looks_at_every_pixel() {
        // A column of 0, 100, 200, 40: a triangle over four pixels, renormalized at the edges.
        let images =
            Tensor::from_slice(&[0u8, 100, 200, 40]).view([1, 4, 1, 1]).repeat([1, 1, 1, 3]);
        let small = resize_images(&images, [2, 1]).unwrap();
        let values = Vec::<u8>::try_from(small.select(3, 0).flatten(0, -1)).unwrap();
        // (3·0 + 3·100 + 1·200) / 7 and (1·100 + 3·200 + 3·40) / 7.
        assert_eq!(values, [71, 117]);
    }
}
