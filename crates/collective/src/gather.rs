//! Bytes of any length, gathered through tensors of one length.

use crate::{CollectiveError, ProcessGroup};
use tch::{Kind, Tensor};

impl ProcessGroup {
    /// Every rank's bytes, in order of rank. Lengths may differ, and be 0.
    ///
    /// # Errors
    /// [`CollectiveError::Failed`] where a rank is gone or does not answer in time.
    pub fn all_gather_bytes(&self, bytes: &[u8]) -> Result<Vec<Vec<u8>>, CollectiveError> {
        let lengths = self.lengths(bytes.len())?;
        let longest = lengths.iter().copied().max().unwrap_or(0);
        if longest == 0 {
            return Ok(vec![Vec::new(); lengths.len()]);
        }
        let mut padded = bytes.to_vec();
        padded.resize(longest, 0);
        let rows = self.all_gather(&Tensor::from_slice(&padded))?;
        let all = Vec::<u8>::try_from(&rows.view([-1])).map_err(|error| self.failed(error))?;
        let rows = all.chunks(longest).zip(lengths);
        Ok(rows.map(|(row, length)| row[..length].to_vec()).collect())
    }

    fn lengths(&self, length: usize) -> Result<Vec<usize>, CollectiveError> {
        let lengths = self.all_gather(&Tensor::from_slice(&[length as i64]))?;
        let lengths =
            Vec::<i64>::try_from(&lengths.view([-1])).map_err(|error| self.failed(error))?;
        Ok(lengths.into_iter().map(|length| length as usize).collect())
    }

    /// `[N]` on each rank to `[world_size,N]`, for u8 and i64.
    fn all_gather(&self, row: &Tensor) -> Result<Tensor, CollectiveError> {
        let shape = [i64::from(self.world_size()), row.size()[0]];
        debug_assert!(matches!(row.kind(), Kind::Uint8 | Kind::Int64));
        let mut rows = Tensor::f_zeros(shape, (row.kind(), row.device()))
            .map_err(|error| self.failed(error))?;
        self.all_gather_into(row, &mut rows)?;
        Ok(rows)
    }

    fn failed(&self, error: tch::TchError) -> CollectiveError {
        self.error("all-gather", error.to_string())
    }
}
