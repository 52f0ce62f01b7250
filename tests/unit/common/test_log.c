/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <cjson/cJSON.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/log.h"

struct capture {
    int descriptors[2];
    struct log log;
    char text[8192];
};

static void open_capture(struct capture *capture, enum log_format format)
{
    assert_int_equal(pipe(capture->descriptors), 0);
    capture->log =
        (struct log){.fd = capture->descriptors[1], .level = LOG_LEVEL_INFO, .format = format};
}

/* What was logged since the capture was opened. */
static const char *close_capture(struct capture *capture)
{
    ssize_t length;

    close(capture->descriptors[1]);
    length = read(capture->descriptors[0], capture->text, sizeof(capture->text) - 1);
    assert_true(length >= 0);
    close(capture->descriptors[0]);
    capture->text[length] = '\0';
    return capture->text;
}

static void test_logfmt_quotes_only_where_needed(void **state)
{
    struct capture capture;
    const char *text;

    (void)state;
    open_capture(&capture, LOG_FORMAT_LOGFMT);
    log_warn(&capture.log,
             LOG_FIELDS({"address", "2001:db8::1"}, {"service", "default/web"}, {"empty", ""},
                        {"absent", NULL}, {"quote", "say \"a=b\"\n"}, {"path", "C:\\x"}),
             "two %s", "words");
    text = close_capture(&capture);
    assert_memory_equal(text, "ts=20", 5);
    assert_string_equal(strstr(text, " level="),
                        " level=warn msg=\"two words\" address=2001:db8::1 service=default/web "
                        "empty=\"\" quote=\"say \\\"a=b\\\"\\n\" path=\"C:\\\\x\"\n");
}

static void test_one_line_whatever_the_bytes(void **state)
{
    struct capture capture;
    const char *text;

    (void)state;
    open_capture(&capture, LOG_FORMAT_LOGFMT);
    log_info(&capture.log,
             LOG_FIELDS({"latin", "caf\xe9"}, {"utf8", "caf\xc3\xa9"}, {"overlong", "\xc0\xaf"}),
             "a\x01\x1b[31m\r\nb");
    text = close_capture(&capture);
    assert_non_null(strstr(text, " msg="));
    assert_string_equal(strstr(text, " msg="),
                        " msg=\"a\\u0001\\u001b[31m\\r\\nb\" latin=\"caf\\ufffd\" "
                        "utf8=caf\xc3\xa9 overlong=\"\\ufffd\\ufffd\"\n");
}

static void test_json_lines_are_json(void **state)
{
    struct capture capture;
    cJSON *line;

    (void)state;
    open_capture(&capture, LOG_FORMAT_JSON);
    log_error(&capture.log, LOG_FIELDS({"file", "a\"b\\c\xff\t"}), "broken: %d", 7);
    line = cJSON_Parse(close_capture(&capture));
    assert_non_null(line);
    assert_string_equal(cJSON_GetObjectItemCaseSensitive(line, "level")->valuestring, "error");
    assert_string_equal(cJSON_GetObjectItemCaseSensitive(line, "msg")->valuestring, "broken: 7");
    assert_string_equal(cJSON_GetObjectItemCaseSensitive(line, "file")->valuestring,
                        "a\"b\\c\xef\xbf\xbd\t");
    assert_int_equal(cJSON_GetArraySize(line), 4);
    cJSON_Delete(line);
}

static void test_levels(void **state)
{
    struct capture capture;
    enum log_level level = LOG_LEVEL_WARN;

    (void)state;
    assert_true(log_level_parse("all", &level));
    assert_int_equal(level, LOG_LEVEL_DEBUG);
    assert_true(log_level_parse("none", &level));
    assert_int_equal(level, LOG_LEVEL_NONE);
    assert_false(log_level_parse("Info", &level));
    assert_int_equal(level, LOG_LEVEL_NONE);

    open_capture(&capture, LOG_FORMAT_LOGFMT);
    log_debug(&capture.log, NULL, "below the level");
    capture.log.level = LOG_LEVEL_NONE;
    log_error(&capture.log, NULL, "nothing at all");
    assert_string_equal(close_capture(&capture), "");
}

/* A reader that has stopped: lines are lost after a moment, all are counted, and none waits. */
static void test_stopped_reader_holds_up_nobody(void **state)
{
    struct capture capture;
    struct log_loss loss = {0};
    char drop[4096];
    unsigned long lost;
    ssize_t length;

    (void)state;
    open_capture(&capture, LOG_FORMAT_LOGFMT);
    capture.log.loss = &loss;
    for (int i = 0; i < 3000; i++)
        log_info(&capture.log, NULL, "a line of some bytes, the number of which does not matter");
    lost = loss.lines;
    assert_in_range(lost, 1000, 2999);
    assert_int_equal(fcntl(capture.descriptors[0], F_SETFL, O_NONBLOCK), 0);
    do
        length = read(capture.descriptors[0], drop, sizeof(drop));
    while (length > 0);
    log_info(&capture.log, NULL, "there again");
    assert_int_equal(loss.lines, 0);
    snprintf(drop, sizeof(drop), "msg=\"%lu lines were lost: nobody read the log\"\nts=", lost);
    close_capture(&capture);
    assert_non_null(strstr(capture.text, drop));
    assert_non_null(strstr(capture.text, "msg=\"there again\"\n"));
}

static void test_long_line_is_whole(void **state)
{
    struct capture capture;
    struct log_loss loss = {0};
    char text[7000];

    (void)state;
    memset(text, 'x', sizeof(text));
    text[sizeof(text) - 1] = '\0';
    open_capture(&capture, LOG_FORMAT_LOGFMT);
    capture.log.loss = &loss;
    log_info(&capture.log, NULL, "%s", text);
    close_capture(&capture);
    assert_non_null(strstr(capture.text, text));
    assert_int_equal(capture.text[strlen(capture.text) - 1], '\n');
    assert_int_equal(loss.lines, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_logfmt_quotes_only_where_needed),
        cmocka_unit_test(test_one_line_whatever_the_bytes),
        cmocka_unit_test(test_json_lines_are_json),
        cmocka_unit_test(test_levels),
        cmocka_unit_test(test_stopped_reader_holds_up_nobody),
        cmocka_unit_test(test_long_line_is_whole),
    };

    return cmocka_run_group_tests_name("log", tests, NULL, NULL);
}
