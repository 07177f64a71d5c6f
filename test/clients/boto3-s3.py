"""Puts, reads, lists, copies and deletes objects with the settings that boto3 has by itself. Prints what it saw, as JSON."""
import io
import json
import sys
import urllib.request

import boto3
import botocore.config
import botocore.exceptions

endpoint, access_key, secret_key = sys.argv[1:]


def connect(**options):
    return boto3.client(
        's3',
        endpoint_url=endpoint,
        region_name='us-west-2',
        aws_access_key_id=access_key,
        aws_secret_access_key=secret_key,
        **options,
    )


s3 = connect()
saw = {}
bucket = 'my-bucket'
s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={'LocationConstraint': 'us-west-2'})
s3.put_object(Bucket=bucket, Key='a/ä b+c.txt', Body=b'hello', Metadata={'owner': 'me'})

# Beyond 8 MiB, an upload in parts that are sent at the same time.
large = bytes(range(256)) * 4096 * 20
s3.upload_fileobj(io.BytesIO(large), bucket, 'a/large')
got = io.BytesIO()
s3.download_fileobj(bucket, 'a/large', got)
saw['large'] = got.getvalue() == large

s3.copy({'Bucket': bucket, 'Key': 'a/large'}, bucket, 'b/copy')
saw['copied'] = s3.head_object(Bucket=bucket, Key='b/copy')['ContentLength'] == len(large)
answer = s3.get_object(Bucket=bucket, Key='a/ä b+c.txt', Range='bytes=1-2')
saw['part'] = answer['Body'].read().decode()
saw['owner'] = answer['Metadata']['owner']

pages = s3.get_paginator('list_objects_v2').paginate(Bucket=bucket, PaginationConfig={'PageSize': 2})
saw['keys'] = [each['Key'] for page in pages for each in page['Contents']]
below = s3.list_objects_v2(Bucket=bucket, Delimiter='/')
saw['folders'] = [each['Prefix'] for each in below['CommonPrefixes']]

# By itself it signs links by version 2, which S3 takes for no bucket that was made since 2020.
linking = connect(config=botocore.config.Config(signature_version='s3v4'))
link = linking.generate_presigned_url('get_object', {'Bucket': bucket, 'Key': 'a/ä b+c.txt'})
saw['link'] = urllib.request.urlopen(link).read().decode()

s3.delete_object(Bucket=bucket, Key='b/copy')
rest = [{'Key': key} for key in saw['keys'] if key != 'b/copy']
saw['deleted'] = len(s3.delete_objects(Bucket=bucket, Delete={'Objects': rest})['Deleted'])
try:
    s3.get_object(Bucket=bucket, Key='b/copy')
except botocore.exceptions.ClientError as error:
    saw['gone'] = error.response['Error']['Code']
s3.delete_bucket(Bucket=bucket)
saw['buckets'] = [each['Name'] for each in s3.list_buckets()['Buckets']]
print(json.dumps(saw))
