mock_resource "dt_data_connector" {
  defaults = {
    name   = "projects/cvinmt9aq9sc738g6eog/dataconnectors/d0a1b2c3d4e5f6g7h8i9"
    status = "ACTIVE"
  }
}
