# How far recover came. It is made where there is something to recover.

resource "aws_s3_bucket" "checkpoint" {
  count = local.recovers ? 1 : 0

  bucket = "${var.name}-checkpoint-${local.account}-${local.region}"
  # There is nothing in it that recover does not find out again from what DT keeps.
  force_destroy = true
  tags          = local.tags
}

resource "aws_s3_bucket_versioning" "checkpoint" {
  count = local.recovers ? 1 : 0

  bucket = aws_s3_bucket.checkpoint[0].id

  versioning_configuration {
    status = "Enabled"
  }
}

# Each run writes a version.
resource "aws_s3_bucket_lifecycle_configuration" "checkpoint" {
  count = local.recovers ? 1 : 0

  bucket     = aws_s3_bucket.checkpoint[0].id
  depends_on = [aws_s3_bucket_versioning.checkpoint]

  rule {
    id     = "former-versions"
    status = "Enabled"

    filter {}

    noncurrent_version_expiration {
      noncurrent_days = 7
    }
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "checkpoint" {
  count = local.recovers ? 1 : 0

  bucket = aws_s3_bucket.checkpoint[0].id

  rule {
    bucket_key_enabled = var.kms_key_arn != null

    apply_server_side_encryption_by_default {
      sse_algorithm     = var.kms_key_arn == null ? "AES256" : "aws:kms"
      kms_master_key_id = var.kms_key_arn
    }
  }
}

resource "aws_s3_bucket_ownership_controls" "checkpoint" {
  count = local.recovers ? 1 : 0

  bucket = aws_s3_bucket.checkpoint[0].id

  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

resource "aws_s3_bucket_public_access_block" "checkpoint" {
  count = local.recovers ? 1 : 0

  bucket                  = aws_s3_bucket.checkpoint[0].id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_policy" "checkpoint" {
  count = local.recovers ? 1 : 0

  bucket = aws_s3_bucket.checkpoint[0].id
  # S3 refuses two changes of a bucket at a time.
  depends_on = [aws_s3_bucket_public_access_block.checkpoint, aws_s3_bucket_ownership_controls.checkpoint]

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "OnlyTLS"
      Effect    = "Deny"
      Principal = "*"
      Action    = "s3:*"
      Resource  = [aws_s3_bucket.checkpoint[0].arn, "${aws_s3_bucket.checkpoint[0].arn}/*"]
      Condition = { Bool = { "aws:SecureTransport" = "false" } }
    }]
  })
}

locals {
  recovers       = contains(keys(local.scheduled), "recover")
  checkpoint_url = local.recovers ? "aws-s3://${aws_s3_bucket.checkpoint[0].bucket}/recover" : null
}
