"""Explains a list of pictures with Spark: each partition is piped through a `vitcam batch --stdin` of its own.

    spark-submit explain.py LIST OUTPUT PARTITIONS vitcam batch --stdin --arch resnet50 --weights /data/model.pth

LIST has a path or a JSON object per line; the answers become text files in OUTPUT, in the list's order.
"""
import os
import shlex
import sys

from pyspark.sql import SparkSession


def main():
    pictures, output, partitions, *command = sys.argv[1:]
    session = SparkSession.builder.appName("vitcam").getOrCreate()
    lines = session.sparkContext.textFile(pictures, int(partitions))
    # A task has a core. checkCode, or the pictures of a vitcam that was killed would be missing without a word; with it,
    # Spark runs the partition again. env, because a pipe has no environment otherwise.
    answers = lines.pipe(shlex.join(command + ["--threads", "1"]), env=dict(os.environ), checkCode=True)
    answers.saveAsTextFile(output)
    session.stop()


if __name__ == "__main__":
    main()
